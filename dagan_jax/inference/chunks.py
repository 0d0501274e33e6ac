"""Chunks of a stream, all of one size: programs are compiled once for it."""

import collections
import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar('Item')


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


def run_ahead(items: Iterable[Item], count: int = 1) -> Iterator[Item]:
  """Each item, once so many later ones are under way.

  Of arrays that a device computes, it works on the next while the caller
  fetches this one. With a `count` of 0 each comes at once.
  """
  under_way = collections.deque()
  for item in items:
    under_way.append(item)
    if len(under_way) > count:
      yield under_way.popleft()
  yield from under_way
