"""What lies beside the records of a data set: `clips.json`, its manifest.

It holds everything but the frames: which clips there are, in which order, who
they show, where they come from, and the hashes that show damage.
"""

import collections
import hashlib
import math
import os
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from data_pipelines.errors.buckets import scheme_of
from data_pipelines.errors.mendable import DataError
from data_pipelines.recorded.list_files import read_list, write_list

FORMAT = 1
MOST_SIZE = 4096  # pixels; a build takes no more
MOST_RECORDS = 2**40  # of a shard or a clip
NAME = 'clips.json'
LEVELS = 3  # where it is looked for: TFDS writes into name/config/version
BUILD = 'python -m data_pipelines.build --name=videos --raw=VIDEOS --out=DIR'


AnyPath = TypeVar('AnyPath', bound=pathlib.PurePath)


class Shard(NamedTuple):
  """A file of records."""

  records: int
  sha256: str  # of the file


class RecordedClip(NamedTuple):
  """A clip, where it lies and where it comes from."""

  name: str
  identity: str
  frames: int
  source: str  # the video, below the folder of videos
  licence: str
  start_time: float  # seconds into the video
  square: tuple[float, float, float]  # left, top, side: pixels of the video
  sha256: str  # of the encoded images, end to end


class Split(NamedTuple):
  """Shards and clips of a split, both in the order of the records."""

  shards: dict[str, Shard]  # by file name
  clips: tuple[RecordedClip, ...]


class Manifest(NamedTuple):
  """What `clips.json` holds."""

  size: int  # side of the images, pixels
  fps: float
  encoding: str  # jpeg | png
  quality: int | None  # of JPEG
  splits: dict[str, Split]

  @classmethod
  def read(cls, folder: str | os.PathLike) -> 'Manifest':
    """Returns the manifest of the data set in a folder.

    Raises:
      DataError: there is none, it is damaged, or of a format yet to come.
    """
    path = pathlib.Path(folder) / NAME
    return read_list(path, 'manifest of a data set', FORMAT, BUILD, cls._parse)

  @classmethod
  def _parse(cls, fields: dict[str, Any]) -> 'Manifest':
    whole = cls(**fields)._replace(splits=_splits(fields['splits']))
    _check(whole)
    return whole

  def write(self, folder: str | os.PathLike) -> None:
    """Writes it into a folder, whole or not at all.

    Raises:
      DataError: the place cannot be written.
    """
    splits = {
      name: {
        'shards': {file: s._asdict() for file, s in split.shards.items()},
        'clips': [clip._asdict() for clip in split.clips],
      }
      for name, split in self.splits.items()
    }
    fields = {**self._asdict(), 'splits': splits}
    write_list(pathlib.Path(folder) / NAME, FORMAT, fields)

  def problems(self) -> Iterator[str]:
    """Yields what contradicts itself, one line each."""
    splits = collections.defaultdict(list)
    for name, split in self.splits.items():
      for identity in {clip.identity for clip in split.clips}:
        splits[identity].append(name)
    for identity, names in sorted(splits.items()):
      if len(names) > 1:
        yield f'the person {identity} is in {" and in ".join(names)}'
    for name, split in self.splits.items():
      frames = sum(clip.frames for clip in split.clips)
      records = sum(shard.records for shard in split.shards.values())
      if frames != records:
        yield (
          f'the {name} clips in {NAME} have {frames} frames, its shards'
          f' {records} records'
        )
      counts = collections.Counter(clip.name for clip in split.clips)
      for clip, count in counts.items():
        if count > 1:
          yield f'{count} {name} clips in {NAME} are called {clip}'


def find(path: str, name: str = NAME, build: str = BUILD) -> pathlib.Path:
  """Returns the folder of a data set: `path`, or the only one below it.

  Args:
    path: of a folder.
    name: of the file that tells that a folder is a data set.
    build: the command that makes one, for messages.

  Raises:
    DataError: there is none, or more than one.
  """
  how = f'make a data set with {build}'
  if not path:
    raise DataError(f'an empty path, where a data set is needed; {how}')
  if scheme_of(path):
    raise DataError(f'{path}: no folder of this machine; copy it here')
  root = pathlib.Path(path).expanduser()
  if not root.is_dir():
    raise DataError(f'{root}: there is no such folder; {how}')
  below = (f'{"*/" * levels}{name}' for levels in range(LEVELS + 1))
  found = [
    file.parent
    for pattern in below
    for file in root.glob(pattern)
    if not any(part.startswith('.') for part in file.relative_to(root).parts)
  ]
  return only(found, root, name, build)


def only(
  found: Sequence[AnyPath], root: AnyPath, name: str = NAME, build: str = BUILD
) -> AnyPath:
  """Returns the only one of the data sets that were found below a folder.

  Args:
    found: their folders; in a bucket paths of `epath`.
    root: the folder.
    name: of the file that was looked for.
    build: the command that makes one, for messages.

  Raises:
    DataError: there is none, or more than one.
  """
  if not found:
    raise DataError(
      f'{root}: no data set, {name} is missing; make a data set with {build}'
    )
  if len(found) > 1:
    raise DataError(
      f'{root}: holds {len(found)} data sets; name one, such as {min(found)}'
    )
  return found[0]


def is_below(path: str, name: str = NAME) -> bool:
  """Whether `find` would find one data set or more."""
  root = pathlib.Path(path).expanduser()
  return any(
    next(root.glob(f'{"*/" * levels}{name}'), None) for levels in range(4)
  )


def sha256(path: str | os.PathLike) -> str:
  """Returns the SHA-256 of a file, in hexadecimal digits."""
  with open(path, 'rb') as file:
    return hashlib.file_digest(file, 'sha256').hexdigest()


def _check(whole: Manifest) -> None:
  """Raises ValueError or TypeError for numbers and names of no sense."""
  if not 0 < whole.size <= MOST_SIZE or not 0 < whole.fps < math.inf:
    raise ValueError(f'size {whole.size}, fps {whole.fps}')
  for split in whole.splits.values():
    for name, shard in split.shards.items():
      if pathlib.PurePath(name).name != name:
        raise ValueError(f'{name!r} is no file beside it')
      _check_count(shard.records)
    for clip in split.clips:
      _check_count(clip.frames)


def _check_count(count: int) -> None:
  if not isinstance(count, int) or not 0 <= count < MOST_RECORDS:
    raise ValueError(f'{count!r} is no number of frames')


def _splits(fields: dict[str, Any]) -> dict[str, Split]:
  return {
    name: Split(
      {file: Shard(**shard) for file, shard in split['shards'].items()},
      tuple(
        RecordedClip(**{**clip, 'square': tuple(clip['square'])})
        for clip in split['clips']
      ),
    )
    for name, split in fields.items()
  }
