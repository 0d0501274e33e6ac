"""When the frames of a video are shown, found by looking at all of them.

Headers are not asked where it can be seen: browsers write no length and a rate
of 1000, raw streams neither, and phones a rate that they do not keep.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

import numpy as np

STILL_RATE = Fraction(25)  # of what moves at no rate that is known
FASTEST = 120  # frames per second of a video whose frames come unevenly
_UNSEEN = 0.01  # share of the frames that a rate may pass over
_NEAR = Fraction(102, 100)
_COARSEST = 1001  # the largest denominator of a rate
_FASTER = tuple(map(Fraction, (10, 12, 15, 20, 24, 25, 30, 50, 60, 100, 120)))
_USUAL = (*_FASTER, *(Fraction(1000 * n, 1001) for n in (24, 30, 60, 120)))


# When a frame appears, for how long it is shown, and a function that gives its
# pixels: who skips a frame does not pay for converting its colours.
Timed = tuple[Fraction, Fraction, Callable[[], np.ndarray]]


class Timing(NamedTuple):
  """What is known of a video's time."""

  rate: Fraction  # frames per second at which every frame is seen
  start: Fraction  # when the first frame is shown: seconds of the file's clock
  duration: Fraction  # seconds from the first frame to the end of the last

  @property
  def frames(self) -> int:
    """How many there are at that rate."""
    return max(1, round(self.duration * self.rate))


def find_timing(
  times: Iterable[int],
  time_base: Fraction,
  last: int = 0,
  announced: Iterable[Fraction] = (),
) -> Timing:
  """The timing of frames that are shown at some times.

  The rate is the mean one where that shows every frame once, and else the
  lowest usual one at which hardly a frame is passed over: what moves faster
  now and then is seen, though stills are repeated.

  Args:
    times: when each frame appears, in any order, in units of `time_base`.
    time_base: seconds.
    last: for how long the last frame is shown, likewise; 0: it is not known.
    announced: rates that the file claims; one that agrees with the times says
      exactly what these say roundly.
  """
  ticks = np.unique(np.fromiter(times, np.int64))
  announced = [Fraction(rate) for rate in announced if rate]
  if len(ticks) < 2:
    rate = next((r for r in announced if r <= FASTEST), STILL_RATE)
    start = int(ticks[0]) * time_base if len(ticks) else Fraction(0)
    return Timing(rate, start, last * time_base or 1 / rate)
  span, gaps = int(ticks[-1] - ticks[0]), np.diff(ticks)
  mean = _exact(
    Fraction(len(gaps), span) / time_base, len(gaps), announced, time_base
  )
  usual_gap = int(np.median(gaps))
  last = last or usual_gap
  shown = np.append(ticks - ticks[0], span + last) * float(time_base)
  typical = (1 / (usual_gap * time_base)).limit_denominator(_COARSEST)
  faster = sorted({*announced, *_FASTER, typical})
  rates = []
  if 2 * gaps.max() > 3 * usual_gap:
    # Now and then a frame is missing: of a usual rate, if one is that near.
    rates = [r for r in (*announced, *_FASTER) if mean < r <= _NEAR * mean]
  rates = [*rates, mean, *(r for r in faster if mean < r <= FASTEST)]
  rate = next((r for r in rates if _unseen(shown, r) <= _UNSEEN), mean)
  start = int(ticks[0]) * time_base
  return Timing(rate, start, (span + last) * time_base)


def _exact(
  mean: Fraction,
  gaps: int,
  announced: list[Fraction],
  time_base: Fraction,
) -> Fraction:
  """A mean rate, as exact as its rounded times allow."""
  for rate in (*announced, *_USUAL):
    if abs(gaps / rate - gaps / mean) <= time_base:
      return rate
  return mean.limit_denominator(_COARSEST)


def _unseen(shown: np.ndarray, rate: Fraction) -> float:
  """The share of frames between whose times, (n + 1), no half tick lies."""
  ticks = np.ceil(shown * float(rate) - 0.5)
  return float(np.mean(np.diff(ticks) == 0))
