"""Takes the trembling out of keypoints, and leaves quick movements quick.

Casiez et al. 2012, "1 Euro filter": what hardly moves is held still, what moves
fast passes. It looks at no later frame.
"""

from fractions import Fraction

import jax
import numpy as np

from dagan_jax.geometry.keypoints import Keypoints

# Speeds are in half pictures a second: a head that turns quickly makes about 1,
# which should pass all but unfiltered.
_SPEED_CUTOFF = 1.0  # hertz
_OPENING = 10.0  # hertz of cutoff for each unit of speed


class Smoother:
  """Smooths a video's keypoints from its first frame on, in any portions.

  Attributes:
    rate: frames per second; it may change on the way.
  """

  def __init__(self, rate: Fraction, cutoff: float):
    """Args:
    rate: frames per second.
    cutoff: hertz; what trembles faster is damped while the face rests. 1 is
      strong, 3 is gentle, 0 leaves all as it is.
    """
    self.rate, self._cutoff = float(rate), cutoff
    self._filters = None

  def smooth(self, keypoints: Keypoints) -> Keypoints:
    """Of the next n frames, 'n k 2' and 'n k 2 2'."""
    if not self._cutoff:
      return keypoints
    arrays = jax.tree.map(np.asarray, keypoints)
    if self._filters is None:
      self._filters = [OneEuro(array[0], self._cutoff) for array in arrays]
    pairs = zip(self._filters, arrays, strict=True)
    return Keypoints(
      *(one_euro.filter(array, self.rate) for one_euro, array in pairs)
    )


class OneEuro:
  """The filter of one array, and its state from frame to frame."""

  def __init__(self, first: np.ndarray, cutoff: float):
    """From the first frame's array on; `cutoff` as for `Smoother`."""
    self._cutoff = cutoff
    self._steady = first.astype(np.float64)
    self._speed = np.zeros_like(self._steady)

  def filter(self, values: np.ndarray, rate: float) -> np.ndarray:
    """The arrays of the next n frames, smoothed; `rate` is theirs a second."""
    filtered = np.empty_like(values)
    for place, value in zip(filtered, values, strict=True):
      speed = (value - self._steady) * rate
      self._speed += _share(_SPEED_CUTOFF, rate) * (speed - self._speed)
      cutoff = self._cutoff + _OPENING * np.abs(self._speed)
      self._steady += _share(cutoff, rate) * (value - self._steady)
      place[:] = self._steady
    return filtered


def _share(cutoff: np.ndarray | float, rate: float) -> np.ndarray | float:
  """How much of a new value a low pass of first order takes on at once."""
  return 1 / (1 + rate / (2 * np.pi * cutoff))
