"""How quickly live pictures come: their rate, and how late each is."""

import collections
import time

import numpy as np

_SECONDS = 2.0  # of which the present rate and delay are told
_BINS = np.arange(0, 10_001)  # milliseconds; what is longer counts as the last


class Pace:
  """Counts pictures and their delays; its memory does not grow.

  A delay is the time from when a frame had come to when its picture was shown.
  """

  def __init__(self):
    """Starts with no picture."""
    self._counts = np.zeros(len(_BINS), np.int64)
    self._recent: collections.deque[tuple[float, float]] = collections.deque()
    self._began = self._told = self._last = None

  @property
  def count(self) -> int:
    """Of all pictures."""
    return int(self._counts.sum())

  def note(self, arrived: float) -> None:
    """Takes a picture that is shown now, by when its frame had come.

    Args:
      arrived: seconds of `time.perf_counter`.
    """
    now = time.perf_counter()
    delay = now - arrived
    self._began = self._began or now
    self._last = now
    self._counts[min(len(_BINS) - 1, max(0, round(1e3 * delay)))] += 1
    self._recent.append((now, delay))
    while self._recent[0][0] < now - _SECONDS:
      self._recent.popleft()

  def is_news(self) -> bool:
    """Whether a second has gone by since this was last true."""
    if self._told is not None and self._last - self._told < 1:
      return False
    self._told = self._last
    return True

  def describe_now(self, dropped: int) -> str:
    """The rate and the delay of the last seconds, and what was dropped."""
    span = self._last - self._recent[0][0]
    rate = (len(self._recent) - 1) / span if span else 0.0
    delay = 1e3 * float(np.median([delay for _, delay in self._recent]))
    return f'{rate:.1f} frames/s, {delay:.0f} ms late, {dropped} dropped'

  def describe_all(self, dropped: int) -> str:
    """Of all pictures: number, rate, median and 95th percentile of delays."""
    span = (self._last or 0) - (self._began or 0)
    rate = (self.count - 1) / span if span else 0.0
    total = np.cumsum(self._counts)
    median, late = (
      int(np.searchsorted(total, share * self.count)) for share in (0.5, 0.95)
    )
    return (
      f'{self.count} frames shown, {dropped} dropped, {rate:.1f} a second;'
      f' {median} ms late, 95 % within {late} ms'
    )
