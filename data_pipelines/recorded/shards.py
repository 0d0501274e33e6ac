"""The records of a split by their number, wherever they lie."""

import bisect
import functools
import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

from data_pipelines.errors.mendable import DataError
from data_pipelines.recorded.manifest import Shard

# Shards that a process holds open. TFDS makes up to 1024; a process may have
# 256 files open on macOS, 1024 on Linux.
OPEN = 128


class Shards:
  """ArrayRecord files as one list of records.

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
      ValueError: its shard cannot be read, or that record of it.
    """
    name, position = self.place(number)
    reader = _reader(str(self._folder / name), self._shards[name])
    try:
      return reader.read([position])[0]
    except RuntimeError:  # hashes of its bytes do not agree
      raise ValueError('its bytes are damaged') from None

  def problems(self) -> Iterator[tuple[str, str]]:
    """Yields (file name, what is wrong with it) for files that cannot be used.

    Each is opened, none is read: damage in the middle goes unnoticed.
    """
    for name, shard in self._shards.items():
      try:
        _reader(str(self._folder / name), shard)
      except ValueError as error:
        yield name, str(error)


@functools.lru_cache(OPEN)
def _reader(path: str, shard: Shard) -> Any:
  """An open shard, which any thread may read.

  Raises:
    ValueError: it cannot be opened, or does not hold the records it should.
  """
  try:
    from array_record.python.array_record_module import ArrayRecordReader
  except ImportError:
    raise DataError(
      "array_record is not installed: `pip install 'dagan_jax[train]'` brings"
      ' what reads data sets'
    ) from None
  # Readahead is for reading in order: at random it fetches what nobody wants.
  reader = ArrayRecordReader(
    path, options='readahead_buffer_size:0', file_reader_buffer_size=2**15
  )
  if not reader.ok():
    try:
      reader.close()
    except RuntimeError as error:
      raise ValueError(
        f'cannot be read: {str(error).partition(";")[0]}'
      ) from None
  found = reader.num_records()
  if found != shard.records:
    raise ValueError(f'holds {found} records, not {shard.records}')
  return reader
