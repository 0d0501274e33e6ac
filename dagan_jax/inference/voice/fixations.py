"""Gazes as eyes can have them: they rest on something, or jump to another."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import median_filter

# With these, sampled eyes rest in as much of the time as rendered speakers' do,
# and jump as often.
_FAR = np.radians(3.0)  # from where eyes rest: they look at something else
_STEADY = 9  # frames of whose gazes the median counts
_LEAST = 5  # frames of a rest


def fixate(gaze: Float[np.ndarray, 'n 2']) -> Float[np.ndarray, 'n 2']:
  """The same gazes in radians, which stay equal while eyes rest.

  Where sampled gazes only tremble, eyes rest in the middle of that.
  """
  calm = median_filter(gaze, size=(_STEADY, 1), mode='nearest')
  rests, begin = np.empty_like(gaze), 0
  for end in range(1, len(gaze) + 1):
    if end < len(gaze):
      away = np.linalg.norm(calm[end] - calm[begin:end].mean(0))
      if end - begin < _LEAST or away <= _FAR:
        continue
    rests[begin:end] = np.median(gaze[begin:end], axis=0)
    begin = end
  return rests
