"""Checkpoints by the clock, beside those by the number of steps."""

import time

from dagan_jax.runs import hosts


class SaveTimer:
  """Tells when so many minutes have gone since the last save.

  The clocks of hosts differ, so that the first one's counts for all: they ask
  at the same steps, and save at the same step.
  """

  def __init__(self, minutes: float):
    """`minutes` between two saves; 0: only the number of steps counts."""
    self._seconds = 60 * minutes
    self.restart()

  def restart(self) -> None:
    """Something is saved now."""
    self._since = time.monotonic()

  def is_up(self) -> bool:
    """Whether it is time; all hosts ask together, and hear the same."""
    if not self._seconds:
      return False
    return hosts.from_first(time.monotonic() - self._since >= self._seconds)
