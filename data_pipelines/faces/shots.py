"""Finds the cuts between the shots of a video, frame by frame.

Frames are compared as grey thumbnails of 16 x 16 pixels, scaled to mean 0 and
standard deviation 1 so that exposure does not count. Their distance is the mean
absolute difference: in videos of talking heads 0.01 to 0.11 from one frame to
the next, and 0.2 to 1.4 across a cut.
"""

import collections

import numpy as np
from PIL import Image

_SIDE = 16
_NOISE = 8.0  # grey levels; so little contrast is not stretched
_KEPT = (
  4  # frames on either side that a cut must tell apart: longer than flashes
)
_CLOSE = 6  # frames on either side whose motion a cut exceeds
_SUDDEN = 4.0  # this many times ...
_SLIGHT, _CLEAR = 0.1, 0.3  # ... but is never slighter, and may be this clear


class Cuts:
  """Looks at the frames of a video in turn; keeps two numbers of each."""

  def __init__(self):
    self._thumbnails = collections.deque(maxlen=2 * _KEPT - 1)
    self._steps = []  # from each frame's predecessor to the frame
    self._changes = []  # the least from one of the _KEPT before to one after

  def see(self, frame: np.ndarray) -> bool:
    """Takes uint8 (h, w, 3); returns whether a shot may begin with it."""
    thumbnail = _thumbnail(frame)
    # From the frame before back to earlier ones.
    distances = [np.abs(thumbnail - t).mean() for t in self._thumbnails]
    self._thumbnails.appendleft(thumbnail)
    self._steps.append(max(distances[:1], default=0.0))
    self._changes.append(np.inf)
    for back in range(min(_KEPT, len(distances))):
      least = min(distances[back : back + _KEPT])
      self._changes[-1 - back] = min(self._changes[-1 - back], least)
    return self._steps[-1] > _SLIGHT

  @property
  def count(self) -> int:
    """How many frames were seen."""
    return len(self._steps)

  def beginnings(self) -> list[int]:
    """Returns the indices of the frames with which new shots begin."""
    return [
      index
      for index in range(1, len(self._steps))
      if self._changes[index] > self._threshold(index)
    ]

  def _threshold(self, index: int) -> float:
    before = self._steps[max(index - _CLOSE, 0) : index]
    after = self._steps[index + 1 : index + 1 + _CLOSE]
    return min(max(_SUDDEN * max(before + after), _SLIGHT), _CLEAR)


def _thumbnail(frame: np.ndarray) -> np.ndarray:
  stride = max(1, min(frame.shape[:2]) // (8 * _SIDE))
  grey = frame[::stride, ::stride].mean(axis=-1, dtype=np.float32)
  small = Image.fromarray(grey).resize((_SIDE, _SIDE), Image.Resampling.BOX)
  pixels = np.asarray(small)
  return (pixels - pixels.mean()) / (pixels.std() + _NOISE)
