"""Parts of a stream whose length is not known beforehand."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any


class Samples:
  """Evenly spaced items of a stream, at most so many.

  Attributes:
    items: the samples so far, in order.
  """

  def __init__(self, most: int):
    self.items: list[Any] = []
    self._most, self._stride, self._seen = most, 1, 0

  def add(self, item: Any) -> None:
    """Takes the next item of the stream; it may be kept or not."""
    if self._seen % self._stride == 0:
      self.items.append(item)
    self._seen += 1
    if len(self.items) > self._most:
      self.items = self.items[::2]
      self._stride *= 2


def chunks(items: Iterable, size: int) -> Iterator[list]:
  """Lists of `size` items each; the last one may be shorter, never empty."""
  items = iter(items)
  while chunk := list(itertools.islice(items, size)):
    yield chunk
