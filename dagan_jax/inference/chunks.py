"""Chunks of a stream: all of one size, and several in the making at once.

Programs are compiled for one size.
"""

import collections
import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar('Item')
Result = TypeVar('Result')
_LOOK = 0.002  # seconds between two looks whether an item has come


def fill_chunks(
  items: Iterable[Item], size: int
) -> Iterator[tuple[list[Item], int]]:
  """Lists of exactly `size` items, and how many of each are the stream's.

  Copies of the last item fill up the last list. No item is asked for before
  its chunk is.
  """
  items = iter(items)
  while chunk := list(itertools.islice(items, size)):
    count = len(chunk)
    yield chunk + [chunk[-1]] * (size - count), count


def map_beside(
  work: Callable[[Item], Result],
  items: Iterable[Item],
  count: int = 2,
  is_ready: Callable[[], bool] = lambda: True,
) -> Iterator[Result]:
  """What `work` makes of each item, in order, `count` of them at a time.

  Small networks leave cores idle between their layers: two chunks at once take
  less time than one after the other. Items are asked for, and results taken, by
  the caller's thread. With a `count` of 1 each is made before the next is asked
  for.

  Args:
    work: is done in other threads; it returns when its result is whole.
    items: what it is done with.
    count: of items under way.
    is_ready: whether the next item is there. While it is not, the oldest one
      under way is waited for instead.
  """
  items = iter(items)
  under_way: collections.deque[Future[Result]] = collections.deque()
  pool = ThreadPoolExecutor(count)
  try:
    while True:
      while under_way and (
        len(under_way) == count or _is_done_first(under_way[0], is_ready)
      ):
        yield under_way.popleft().result()
      try:
        item = next(items)
      except StopIteration:
        break
      under_way.append(pool.submit(work, item))
    while under_way:
      yield under_way.popleft().result()
  finally:
    # Nobody waits for what is in the making when the caller has had enough.
    pool.shutdown(wait=False)


def _is_done_first(made: Future, is_ready: Callable[[], bool]) -> bool:
  """Waits for a result or for the next item, whichever comes first."""
  while not is_ready():
    if wait([made], _LOOK).done:
      return True
  return False
