"""When lids shut, and how far."""

import numpy as np

from data_pipelines.synthetic.surface import ramp

SHUTS, OPENS, ENDS = 0.08, 0.13, 0.24  # seconds after a blink begins
_GAPS = (3.2, 0.45, 1.2)  # seconds between blinks: median, spread, least


def blink(
  times: np.ndarray, seed: tuple[int, ...], more: tuple[float, ...] = ()
) -> np.ndarray:
  """How far (n,) float32 lids are shut, in [0, 1].

  Args:
    times: (n,) seconds, ascending.
    seed: of the moments.
    more: seconds at which a blink begins besides.
  """
  rng = np.random.default_rng(seed)
  middle, spread, least = _GAPS
  blinks, begin = np.zeros(len(times), np.float32), 0.0
  last = times[-1] if len(times) else -1.0
  moments = list(more)
  while begin <= last:
    begin += max(least, middle * np.exp(spread * rng.standard_normal()))
    moments.append(begin)
  for begin in moments:
    first, end = np.searchsorted(times, (begin, begin + ENDS))
    since = times[first:end] - begin
    shut = ramp(since, 0, SHUTS) * ramp(since, ENDS, OPENS)
    blinks[first:end] = np.maximum(blinks[first:end], shut)
  return blinks
