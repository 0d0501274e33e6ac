"""The records of a split by their number, wherever they lie."""

import bisect
import functools
import itertools
import pathlib
import resource
from collections.abc import Iterator, Sequence

from data_pipelines.errors.mendable import DataError
from data_pipelines.recorded.manifest import Shard

# Shards that a process holds open: more than TFDS makes, which are up to 1024.
# To open one costs twenty times as much as to read a record of an open one.
OPEN = 1200
SPARE = 256  # files that a process may want to open besides


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
      raise ValueError(_why_unreadable(path)) from None

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
  if not _allow_files(_open.cache_info().currsize + SPARE):
    _open.cache_clear()  # it closes all
  return _data_source(f'{path}[0:{count}]')


def _allow_files(count: int) -> bool:
  """Whether this process may have so many files open.

  A process starts with a limit of 256 on macOS and 1024 on Linux, which it may
  raise by itself.
  """
  limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
  wanted = OPEN + SPARE if most == resource.RLIM_INFINITY else most
  if limit < count and wanted > limit:
    limit = min(wanted, OPEN + SPARE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
  return count <= limit


def _why_unreadable(path: pathlib.Path) -> str:
  try:
    with open(path, 'rb') as file:
      file.read(1)
  except FileNotFoundError:
    return 'its file has gone'
  except OSError as error:
    return f'its file cannot be read now ({error.strerror})'
  return 'its bytes are damaged'


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
