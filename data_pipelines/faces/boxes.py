"""One square for each clip of a face, and what a frame shows in it."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from data_pipelines.faces.follow import Track

# Of a face's box, above it: so a square's middle is as high as in the clips.
_FOREHEAD = 0.2
# Every head gets room to move by this share of its size, also one that sits
# still: else it would fill the square.
_MOTION = 0.2


class Square(NamedTuple):
  """A part of a frame, in its pixels; it may reach outside of the frame."""

  left: float
  top: float
  side: float


def clip_square(track: Track, grow: float = 0.1) -> Square:
  """Returns one square that holds the head in every frame of a track.

  As the VoxCeleb of First Order Motion Models was made: what the boxes cover
  over time, a tenth larger on each side, the shorter side as long as the longer
  one. Their boxes reach from the hair to the chin, ours from the brows: hence
  the forehead. Measured with these defaults on four clips of VoxCeleb and HDTF,
  as others had cropped them: the square is 0.93, 1.05, 1.11 and 1.14 times as
  large as their picture, and its middle at most 0.06 of it away from theirs. On
  videos of whole people it shows hair, chin and the shoulders' beginning; a box
  is 0.58 as high as the square where the head moves little.

  Args:
    track: frames without the face do not count, nor does their order.
    grow: on each side, a share of what the heads cover.
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
    square: outside of the frame its edge is repeated.
    size: the side of the result, pixels.

  Returns:
    uint8 (size, size, 3), antialiased where it shrinks.
  """
  # What Lanczos' filter reaches beyond the square.
  reach = math.ceil(3 * max(1.0, square.side / size)) + 1
  column, row = math.floor(square.left) - reach, math.floor(square.top) - reach
  span = np.arange(math.ceil(square.side) + 2 * reach + 1)
  rows = np.clip(row + span, 0, frame.shape[0] - 1)
  columns = np.clip(column + span, 0, frame.shape[1] - 1)
  part = frame[rows[0] : rows[-1] + 1][:, columns][rows - rows[0]]
  left, top = square.left - column, square.top - row
  box = left, top, left + square.side, top + square.side
  image = Image.fromarray(part)
  return np.array(image.resize((size, size), Image.Resampling.LANCZOS, box))
