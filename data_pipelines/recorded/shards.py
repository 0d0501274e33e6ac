"""The records of a split by their number, wherever they lie."""

import bisect
import functools
import itertools
import pathlib
from collections.abc import Iterator, Sequence

from data_pipelines.errors.mendable import DataError
from data_pipelines.recorded.manifest import Shard

# Shards that a process holds open. TFDS makes up to 1024; a process may have
# 256 files open on macOS, 1024 on Linux.
OPEN = 128


class Shards:
  """ArrayRecord files as one list of records.

  array_record's own ArrayRecordDataSource takes such a list too, but keeps each
  file open that it has ever read, and does not say which one is damaged. So
  each file has a data source of its own here, and the oldest are closed.

  Pickles as names: each process opens what it reads, when it does.
  """

  def __init__(self, folder: pathlib.Path, shards: dict[str, Shard]):
    """Takes the shards as a manifest lists them, by their file names."""
    self._folder, self._shards, self._names = folder, shards, tuple(shards)
    counts = (shard.records for shard in shards.values())
    self._starts = tuple(itertools.accumulate(counts, initial=0))

  def __len__(self) -> int:
    return self._starts[-1]

  def place(self, number: int) -> tuple[str, int]:
    """Returns the file that a record is in, and its place in there."""
    if not 0 <= number < len(self):
      raise IndexError(f'record {number} of {len(self)}')
    shard = bisect.bisect_right(self._starts, number) - 1
    return self._names[shard], number - self._starts[shard]

  def read(self, number: int) -> bytes:
    """Returns a record.

    Raises:
      ValueError: its file has gone, or its bytes are damaged.
    """
    name, position = self.place(number)
    path = self._folder / name
    try:
      return _open(str(path), self._shards[name].records)[position]
    except RuntimeError:  # hashes do not agree, or there is nothing to open
      what = 'its bytes are damaged' if path.is_file() else 'its file has gone'
      raise ValueError(what) from None

  def problems(self) -> Iterator[tuple[str, str]]:
    """Yields (file name, what is wrong with it) for files that cannot be used.

    Each is opened, none is read: damage in the middle goes unnoticed.
    """
    for name, shard in self._shards.items():
      path = self._folder / name
      if not path.is_file():
        yield name, 'cannot be read: there is no such file'
        continue
      try:
        count = len(_data_source(str(path)))
      except RuntimeError:
        yield name, 'cannot be read: cut short, or no ArrayRecord file'
        continue
      if count != shard.records:
        yield name, f'holds {count} records, not {shard.records}'


@functools.lru_cache(OPEN)
def _open(path: str, count: int) -> Sequence[bytes]:
  """The records of a shard, which any thread may read.

  That their number is known spares opening the file to count them.
  """
  return _data_source(f'{path}[0:{count}]')


def _data_source(path: str) -> Sequence[bytes]:
  try:
    from array_record.python.array_record_data_source import (
      ArrayRecordDataSource,
    )
  except ImportError:
    raise DataError(
      "array_record is not installed: `pip install 'dagan_jax[train]'` brings"
      ' what reads data sets'
    ) from None
  return ArrayRecordDataSource(path)
