"""Data sets in buckets: what is read is a copy of their files, made once.

The reader of records jumps about in its files, some thousand times a second,
and knows no bucket of S3.
"""

import hashlib
import logging
import pathlib
from collections.abc import Iterator

from etils import epath

from data_pipelines.errors.buckets import why_unreadable
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.recorded import manifest

_BLOCK = 2**22  # bytes that are held in memory

log = logging.getLogger(__name__)


def locate(path: str) -> epath.Path:
  """Returns where the data set is: the bucket's folder `path`, or one below.

  Raises:
    DataError: nothing installed reads the bucket, or there is no data set.
  """
  if why := why_unreadable(path):
    raise DataError(f'{path}: {why}')
  root = epath.Path(path)
  try:
    there = root.is_dir()
    found = list(_find(root, manifest.LEVELS)) if there else []
  except Exception as error:  # of any library that reads buckets
    raise _unread(root, error) from None
  if not there:
    raise DataError(f'{path}: there is no such folder in the bucket')
  return manifest.only(found, root)


def fetch(path: str, cache: pathlib.Path) -> pathlib.Path:
  """Returns the folder that a data set in a bucket is copied to.

  Its name is the hash of the manifest, which tells those of all other files: a
  data set that was built anew is another one. What is there is not fetched
  again, so that a copy that was interrupted goes on.

  Args:
    path: the data set, or a folder of the bucket that it is in.
    cache: where copies go.

  Raises:
    DataError: as `locate`; a file of it cannot be read or is damaged; or there
      is no room for it.
  """
  there = locate(path)
  text = b''.join(_blocks(there / manifest.NAME))
  here = cache / f'{hashlib.sha256(text).hexdigest()[:32]}.data_set'
  with write_whole(here / manifest.NAME) as partial:
    partial.write_bytes(text)
  splits = manifest.Manifest.read(here).splits.values()
  hashes = {
    name: shard.sha256
    for split in splits
    for name, shard in split.shards.items()
    if not (here / name).exists()
  }
  if hashes:
    log.info('copying %d files of %s to %s', len(hashes), there, here)
  for name, expected in hashes.items():
    _copy(there / name, here / name, expected)
  return here


def _find(folder: epath.Path, levels: int) -> Iterator[epath.Path]:
  """The data sets in a folder, at most so many levels down."""
  if (folder / manifest.NAME).exists():
    yield folder
  elif levels:
    for below in folder.iterdir():
      if not below.name.startswith('.') and below.is_dir():
        yield from _find(below, levels - 1)


def _copy(source: epath.Path, place: pathlib.Path, expected: str) -> None:
  found = hashlib.sha256()
  with write_whole(place) as partial, open(partial, 'xb') as file:
    for block in _blocks(source):
      found.update(block)
      file.write(block)
    if found.hexdigest() != expected:
      raise DataError(
        f'{source}: damaged, or of another build than the {manifest.NAME}'
        ' beside it; copy the data set into the bucket again'
      )


def _blocks(path: epath.Path) -> Iterator[bytes]:
  """The contents of a file in a bucket."""
  try:
    with path.open('rb') as file:
      while block := file.read(_BLOCK):
        yield block
  except Exception as error:  # of any library that reads buckets
    raise _unread(path, error) from None


def _unread(path: epath.Path, error: Exception) -> DataError:
  why = f'{type(error).__name__}: {error}'.splitlines()[0]
  return DataError(f'{path}: cannot be read now ({why})')
