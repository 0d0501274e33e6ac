"""Sequences as curves: NumPy arrays in, uint8 pictures out."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

_SIZE = (384, 128)  # pixels, width and height
_FINER = 2  # drawn so many times as large, then scaled: lines are smooth
_PAPER, _LINE = (250, 250, 250), (205, 205, 205)
_COLOURS = ((200, 40, 40), (30, 110, 200), (30, 140, 60), (170, 110, 20))


def draw_curves(
  sequences: Float[np.ndarray, 'b t c'], low: float, high: float
) -> UInt8[np.ndarray, 'b h w 3']:
  """A picture of each sequence, time to the right, a colour for each channel.

  Args:
    sequences: values; what lies outside of the limits is drawn at the edge.
    low: the value at the lower edge.
    high: the value at the upper edge. A grey line is drawn at 0.
  """
  return np.stack([_draw(each, low, high) for each in sequences])


def _draw(sequence, low, high):
  width, height = (_FINER * side for side in _SIZE)
  paper = Image.new('RGB', (width, height), _PAPER)
  pen = ImageDraw.Draw(paper)

  def rows(values):
    share = (np.nan_to_num(values) - low) / max(high - low, 1e-9)
    return (1 - np.clip(share, 0, 1)) * (height - 1)

  zero = float(rows(np.zeros(())))
  pen.line([(0, zero), (width, zero)], _LINE, _FINER)
  columns = np.linspace(0, width - 1, len(sequence))
  for number, values in enumerate(sequence.T):
    points = np.stack([columns, rows(values)], axis=1)
    colour = _COLOURS[number % len(_COLOURS)]
    pen.line(points.ravel().tolist(), colour, 2 * _FINER)
  return np.asarray(paper.resize(_SIZE, Image.Resampling.BOX))
