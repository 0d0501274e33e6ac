"""Keeps the frames of a clip as JPEG in one file, to be read in any order.

A training example needs two frames anywhere in a clip. Seeking in the video
would decode from the last key frame on, which may lie hundreds of frames back,
and takes some fifty times as long. So frames are stored once, squared and
scaled, at JPEG quality 95: 22 KB a frame of 256 x 256 pixels. Chroma keeps its
full resolution, or else the colour of the lips would suffer most. VoxCeleb's
18,000 clips need about 100 GB: put `data.cache` where there is room.

A store is one file: the JPEGs end to end, then n + 1 offsets, n and a mark
(little-endian uint64). It is written whole or not at all, so that neither a
killed run nor a second one at the same time leaves half of one to be read.
"""

import hashlib
import io
import os
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.trouble import passing_reason
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media.encoded_images import (
  decode_image,
  encode_image,
)

MARK = int.from_bytes(b'dagan_j2', 'little')
QUALITY = 95
WORD = 8  # bytes


def folder(cache: str) -> pathlib.Path:
  """Returns where stores go: `cache`, or the user's own cache when empty."""
  if cache:
    return pathlib.Path(cache).expanduser()
  home = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
  return pathlib.Path(home).expanduser() / 'dagan_jax' / 'frames'


def name(clip: str | os.PathLike, size: int) -> str:
  """Returns the file name of a clip's store: it changes when the clip does.

  Of a folder of frames, the folder's own time and the number of its entries
  count: a frame replaced in place goes unnoticed.
  """
  clip = pathlib.Path(clip).resolve()
  stat = clip.stat()
  length = len(os.listdir(clip)) if clip.is_dir() else stat.st_size
  # Bump MARK when crop, scaling, colours or quality change: old stores are
  # then left.
  key = f'{clip}\n{stat.st_mtime_ns}\n{length}\n{size}\n{MARK}'
  return hashlib.sha256(key.encode()).hexdigest()[:32] + '.frames'


def write(path: pathlib.Path, frames: Iterable[np.ndarray]) -> int:
  """Stores frames, uint8 (h, w, 3) each; returns how many there were.

  Raises:
    DataError: the place cannot be written, or `frames` raised it. Nothing is
      then left behind.
  """
  with (
    write_whole(path, error=_no_room) as partial,
    open(partial, 'xb') as file,
  ):
    offsets = [0]
    for frame in frames:
      file.write(encode_image(frame, 'jpeg', QUALITY))
      offsets.append(file.tell())
    count = len(offsets) - 1
    file.write(np.array([*offsets, count, MARK], '<u8').tobytes())
  return count


def count(path: pathlib.Path) -> int | None:
  """Returns how many frames a store holds; None where there is no whole one."""
  try:
    with open(path, 'rb') as file:
      return _count(file)
  except (OSError, ValueError):
    return None


def read(path: pathlib.Path, indices: Sequence[int]) -> np.ndarray:
  """Returns the frames at `indices`, uint8 (n, size, size, 3).

  Raises:
    DataError: the store has gone, or is damaged.
  """
  try:
    with open(path, 'rb') as file:
      first_offset = -WORD * (_count(file) + 3)
      return np.stack([_decode(file, first_offset, i) for i in indices])
  except (OSError, ValueError) as error:
    if reason := passing_reason(error):
      raise DataError(
        f'{path}: the stored frames cannot be read now ({reason}); start the'
        ' same command again when that is mended'
      ) from None
    raise DataError(
      f'{path}: the stored frames have gone or are damaged; remove that file'
      ' and start again: they are prepared anew'
    ) from None


def _no_room(why: str) -> DataError:
  return DataError(f'{why}; set data.cache to a folder with room')


def _count(file: io.BufferedReader) -> int:
  file.seek(-2 * WORD, os.SEEK_END)
  number, mark = np.frombuffer(file.read(2 * WORD), '<u8').tolist()
  if mark != MARK:
    raise ValueError('not a store of frames')
  return number


def _decode(
  file: io.BufferedReader, first_offset: int, index: int
) -> np.ndarray:
  file.seek(first_offset + WORD * int(index), os.SEEK_END)
  start, stop = np.frombuffer(file.read(2 * WORD), '<u8').tolist()
  file.seek(start)
  return decode_image(file.read(stop - start))
