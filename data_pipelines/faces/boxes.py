"""One square for each clip of a face, and what a frame shows in it."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from data_pipelines.faces.follow import Track

# The forehead above a face's box, as a share of the box's height.
_FOREHEAD = 0.2
# Every head gets room to move by this share of its size. Without it, a head
# that sits still would fill the square.
_MOTION = 0.2


class Square(NamedTuple):
  """A part of a frame, in its pixels; it may reach outside of the frame."""

  left: float
  top: float
  side: float

  def overlap(self, other: 'Square') -> float:
    """Intersection over union."""
    low = np.maximum(self[:2], other[:2])
    high = np.minimum(
      np.add(self[:2], self.side), np.add(other[:2], other.side)
    )
    shared = np.maximum(high - low, 0).prod()
    return float(shared / (self.side**2 + other.side**2 - shared))


def clip_square(track: Track, grow: float = 0.1) -> Square:
  """Returns one square that holds the head in every frame of a track.

  As the VoxCeleb of First Order Motion Models was made: the area that the boxes
  cover over time, a tenth larger on each side, made square by its longer side.
  Their boxes reach from the hair to the chin, ours only from the brows, so a
  forehead is added. The square shows hair, chin and the top of the shoulders.

  Args:
    track: frames without a face count for nothing.
    grow: how much larger on each side, as a share of what the heads cover.
  """
  boxes = np.stack([face.box for face in track.faces if face is not None])
  heads = boxes.astype(np.float64)
  heads[:, 1] -= _FOREHEAD * (boxes[:, 3] - boxes[:, 1])
  low, high = heads[:, :2].min(axis=0), heads[:, 2:].max(axis=0)
  head = np.median((heads[:, 2:] - heads[:, :2]).max(axis=1))
  side = (1 + 2 * grow) * max(*(high - low), (1 + _MOTION) * head)
  return Square(*((low + high - side) / 2).tolist(), side.item())


def crop(frame: np.ndarray, square: Square, size: int) -> np.ndarray:
  """Returns what a frame shows in a square, scaled to `size`.

  Args:
    frame: uint8 (h, w, 3).
    square: where it reaches outside of the frame, the frame's edge is repeated.
    size: the side of the result, pixels.

  Returns:
    uint8 (size, size, 3), antialiased where it shrinks.
  """
  # What Lanczos' filter reaches beyond the square.
  reach = math.ceil(3 * max(1.0, square.side / size)) + 1
  column, row = math.floor(square.left) - reach, math.floor(square.top) - reach
  count = math.ceil(square.side) + 2 * reach + 1
  part = _extend(_extend(frame, 0, row, count), 1, column, count)
  left, top = square.left - column, square.top - row
  box = left, top, left + square.side, top + square.side
  image = Image.fromarray(part)
  return np.array(image.resize((size, size), Image.Resampling.LANCZOS, box))


def _extend(frame: np.ndarray, axis: int, first: int, count: int) -> np.ndarray:
  """So many rows or columns of a frame; outside of it its edge is repeated."""
  last = frame.shape[axis] - 1
  begin, end = np.clip((first, first + count - 1), 0, last)
  part = frame[(slice(None),) * axis + (slice(begin, end + 1),)]
  before = min(max(-first, 0), count - 1)
  missing = before, count - part.shape[axis] - before
  if not any(missing):
    return part
  edges = [(0, 0)] * frame.ndim
  edges[axis] = missing
  return np.pad(part, edges, 'edge')
