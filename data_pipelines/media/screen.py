"""Shows decoded frames as a player does: upright, in square pixels, in RGB."""

from fractions import Fraction

import av
import numpy as np
from PIL import Image

from data_pipelines.media.frame_colours import FrameColours

WIDEST = 4  # pixels of more than this aspect, or less than 1 / this, are errors
_SAME = 0.02  # by how much shapes may differ and still be taken for one


class Screen:
  """Shows the frames of one video, all in the size of the first.

  Where the picture's size changes on the way, frames are scaled to the first
  size; those of another shape get black edges rather than be squashed. The
  first frame also sets the exposure of HDR.
  """

  def __init__(self):
    self.notes: list[str] = []  # what is not believed: lines for the user
    self.sizes_differ = False  # whether a frame so far was scaled
    self._colours = FrameColours()
    self._size: tuple[int, int] | None = None  # height, width

  def show(
    self, frame: av.VideoFrame, pixel_aspect: Fraction | None
  ) -> np.ndarray:
    """Returns a frame as uint8 (h, w, 3); wide pixels become square ones."""
    width = round(frame.width * self._trusted(pixel_aspect or Fraction(1)))
    image = self._colours.rgb(frame, max(width, 1))
    side_data = frame.side_data.get('DISPLAYMATRIX')
    if side_data is not None:
      image = _turn(image, np.frombuffer(side_data, np.int32))
    if self._size is None:
      self._size = image.shape[:2]
    self.sizes_differ |= image.shape[:2] != self._size
    return fit(image, self._size)

  def _trusted(self, aspect: Fraction) -> Fraction:
    if Fraction(1, WIDEST) <= aspect <= WIDEST:
      return aspect
    note = (
      f'says that its pixels are {float(aspect):.3g} times as wide as high;'
      ' they are shown square'
    )
    if note not in self.notes:
      self.notes.append(note)
    return Fraction(1)


def fit(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
  """Scales a picture into a size, (height, width); black is what it lacks.

  Args:
    image: uint8 (h, w, 3); one of that size is returned as it is.
    size: of the result.
  """
  if image.shape[:2] == size:
    return image
  height, width = size
  scale = min(height / image.shape[0], width / image.shape[1])
  fitted = [
    whole if abs(scale * side / whole - 1) < _SAME else round(scale * side)
    for side, whole in zip(image.shape, size, strict=False)
  ]
  picture = Image.fromarray(image).resize(
    (max(fitted[1], 1), max(fitted[0], 1)), Image.Resampling.LANCZOS
  )
  if picture.size == (width, height):
    return np.array(picture)
  ground = Image.new('RGB', (width, height))
  ground.paste(
    picture, ((width - picture.width) // 2, (height - picture.height) // 2)
  )
  return np.array(ground)


def _turn(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
  """Turns and flips a picture as its display matrix says."""
  # (x, y) is shown at (a x + c y, b x + d y), up to a shift.
  a, b, _, c, d = matrix[:5].tolist()
  if abs(b) > abs(a):
    image, right, down = image.transpose(1, 0, 2), c, b
  else:
    right, down = a, d
  image = image[:: -1 if down < 0 else 1, :: -1 if right < 0 else 1]
  return np.ascontiguousarray(image)
