"""Picks the frames of a video that are shown at the ticks of a steady clock.

Phones and screen recorders write a frame whenever they have one, while data
sets need a constant rate. So the frames shown at 0, 1 / rate, 2 / rate, ... are
taken: a video of a lower rate repeats frames, one of a higher rate skips some.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeVar

Item = TypeVar('Item')

# How late a frame may be, as a share of a tick, to count for that tick: mkv and
# webm round times to milliseconds.
SLACK = Fraction(1, 10)
# At a video's own rate frames are due at the ticks, but cameras jitter: then
# the frame that is the nearest to a tick is taken.
NEAREST = Fraction(1, 2)


def at_rate(
  timed: Iterable[tuple[Fraction, Fraction, Item]],
  rate: Fraction,
  start: Fraction = Fraction(0),
  end: Fraction | None = None,
  slack: Fraction = SLACK,
) -> Iterator[Item]:
  """Yields the items shown at `start`, one tick later, ... and before `end`.

  Args:
    timed: (time, duration, item), in seconds. An item is shown until the next
      one comes, the last one for its duration; the first one also before it.
    rate: ticks per second.
    start: the first tick, seconds.
    end: where to stop, seconds; None: with the last item.
    slack: how late an item may be, as a share of a tick.
  """
  ticks = 0
  next_tick = start + slack / rate
  shown = until = None
  for begin, duration, item in timed:
    while shown is not None and next_tick < begin:
      if end is not None and next_tick >= end:
        return
      yield shown[0]
      ticks += 1
      next_tick = start + (ticks + slack) / rate
    shown, until = (item,), begin + duration
  if end is not None and until is not None:
    until = min(until, end)
  while shown is not None and next_tick < until:
    yield shown[0]
    ticks += 1
    next_tick = start + (ticks + slack) / rate
