"""Faces drawn of their 68 landmarks."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

_SIZE = 128  # pixels of a picture
_FINER = 2  # drawn so many times as large, then scaled: lines are smooth
_MARGIN = 0.08  # of the picture, on each side
_PAPER, _INK = (250, 250, 250), (60, 60, 60)
# iBUG's landmarks that a line joins, and whether it ends where it began.
_LINES = (
  (range(17), False),
  (range(17, 22), False),
  (range(22, 27), False),
  (range(27, 31), False),
  (range(31, 36), False),
  (range(36, 42), True),
  (range(42, 48), True),
  (range(48, 60), True),
  (range(60, 68), True),
)


def draw_faces(
  faces: Float[np.ndarray, 'b 68 2'],
) -> UInt8[np.ndarray, 'b h w 3']:
  """A picture of each face, all of them of one scale; y counts up."""
  low, high = faces.min((0, 1)), faces.max((0, 1))
  reach = max(float((high - low).max()), 1e-9)
  placed = (faces - (low + high) / 2) / reach * (1 - 2 * _MARGIN)
  return np.stack([_draw(0.5 + each * (1, -1)) for each in placed])


def _draw(points):
  side = _FINER * _SIZE
  paper = Image.new('RGB', (side, side), _PAPER)
  pen = ImageDraw.Draw(paper)
  for numbers, closed in _LINES:
    line = [tuple(x) for x in (points[list(numbers)] * side).tolist()]
    pen.line(line + line[:1] * closed, _INK, _FINER + 1)
  return np.asarray(paper.resize((_SIZE, _SIZE), Image.Resampling.BOX))
