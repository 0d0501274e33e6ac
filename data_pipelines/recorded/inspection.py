"""Finds out what a data set holds, and everything that is wrong with it.

Every file and every frame is held against the manifest: hashes, lengths, order,
and that each image can be decoded.
"""

import contextlib
import hashlib
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tqdm
from PIL import Image, ImageDraw

from data_pipelines.errors.wording import list_passed_over
from data_pipelines.media import (
  encoded_images,
  pictures,
)
from data_pipelines.recorded import (
  manifest,
  records,
)
from data_pipelines.recorded.manifest import (
  Manifest,
  RecordedClip,
)
from data_pipelines.recorded.shards import Shards

DECODE = ('all', 'some')  # frames of a clip; some: the first, middle and last
TFDS_FILES = ('dataset_info.json', 'features.json')
REPORTS = ('report.json', 'report.txt', 'contact_sheet.png')
ROWS, TILE, CAPTION = 12, 128, 16  # of the contact sheet: clips; pixels


def inspect(path: str, sheet: str | None = None, decode: str = 'all') -> int:
  """Prints what a data set holds and what is wrong; returns how much is.

  Args:
    path: the folder of a data set, or one above it.
    sheet: where a contact sheet goes, if anywhere.
    decode: as in `problems`.

  Raises:
    DataError: there is no data set, or the sheet cannot be written.
  """
  folder = manifest.find(path)
  whole = Manifest.read(folder)
  print(f'{folder}: {whole.size} px, {whole.fps:g} frames/s')
  print(table(folder, whole))
  if sheet:
    pictures.write_picture(sheet, contact_sheet(folder, whole))
    print(f'wrote {sheet}')
  count = 0
  for problem in problems(folder, whole, decode):
    print(problem)
    count += 1
  for line in list_passed_over(_list_strangers(folder, whole)):
    print(line)
  print(f'problems: {count or "none"}')
  return count


def _list_strangers(
  folder: pathlib.Path, whole: Manifest
) -> dict[str, list[str]]:
  """What lies beside a data set and was not looked at."""
  known = {manifest.NAME, *TFDS_FILES, *REPORTS}
  for split in whole.splits.values():
    known.update(split.shards)
  names = sorted(
    path.name
    for path in folder.iterdir()
    if path.name not in known
    and not path.name.startswith('.')
    and '.array_record' not in path.name  # a problem, and told as one
  )
  return {'no part of a data set': names}


def problems(
  folder: pathlib.Path, whole: Manifest, decode: str = 'all'
) -> Iterator[str]:
  """Yields what is wrong with a data set, one line each.

  Args:
    folder: where it lies.
    whole: its manifest.
    decode: which frames of a clip to decode, one of DECODE. All are read.
  """
  yield from whole.problems()
  for name in TFDS_FILES:
    if not (folder / name).is_file():
      yield f'{name} is missing: TFDS itself cannot read this'
  listed = {name for split in whole.splits.values() for name in split.shards}
  for path in sorted(folder.glob('*.array_record*')):
    if path.name not in listed:
      yield f'{path.name} is not in {manifest.NAME}'
  for title, split in whole.splits.items():
    shards = Shards(folder, split.shards)
    broken = dict(shards.problems())
    for name, shard in split.shards.items():
      if name in broken:
        yield f'{name} {broken[name]}'
      elif manifest.sha256(folder / name) != shard.sha256:
        yield f'{name} is not as it was written: its SHA-256 differs'
    clips = tqdm.tqdm(split.clips, title, unit='clip', disable=None)
    for clip, start in _place_clips(clips):
      yield from _clip_problems(clip, start, shards, broken, whole.size, decode)


def _place_clips(
  clips: Sequence[RecordedClip],
) -> Iterator[tuple[RecordedClip, int]]:
  """Each clip, and the number of its first record."""
  start = 0
  for clip in clips:
    yield clip, start
    start += clip.frames


def _clip_problems(
  clip: RecordedClip,
  start: int,
  shards: Shards,
  broken: dict[str, str],
  size: int,
  decode: str,
) -> Iterator[str]:
  """What is wrong with the frames that can be looked for."""
  digest, complete = hashlib.sha256(), True
  decoded = range(clip.frames) if decode == 'all' else _three(clip)
  for index in range(clip.frames):
    if start + index >= len(shards):  # told of the manifest
      return
    name, position = shards.place(start + index)
    try:
      if name in broken:  # told of the file
        complete = False
        continue
      frame = records.parse_frame(shards.read(start + index))
      digest.update(frame['image'])
      _check(frame, clip, index)
      if index in decoded:
        _check_pixels(frame, size)
    except ValueError as error:
      complete = False
      yield (
        f'record {position} of {name}, frame {index} of clip {clip.name}:'
        f' {error}'
      )
  if complete and digest.hexdigest() != clip.sha256:
    yield f'clip {clip.name} is not as it was written: its SHA-256 differs'


def _check(frame: dict[str, Any], clip: RecordedClip, index: int) -> None:
  found = frame['index'], frame['clip'], frame['identity']
  if found != (index, clip.name, clip.identity):
    raise ValueError('it is frame {} of clip {}, person {}'.format(*found))


def _check_pixels(frame: dict[str, Any], size: int) -> None:
  height, width, _ = encoded_images.decode_image(frame['image']).shape
  if (height, width) != (size, size):
    raise ValueError(f'its image is {width} x {height}, not {size} x {size}')
  for name in records.MAPS.keys() & frame.keys():
    if len(records.decode_map(name, frame[name])) != size:
      raise ValueError(f'its {name} is not {size} x {size}')


def _three(clip: RecordedClip) -> tuple[int, int, int]:
  return 0, clip.frames // 2, clip.frames - 1


def table(folder: pathlib.Path, whole: Manifest) -> str:
  """Returns a row for each split: what it holds, in columns."""
  rows = [('split', 'clips', 'people', 'frames', 'hours', 'bytes')]
  for name, split in whole.splits.items():
    frames = sum(clip.frames for clip in split.clips)
    files = [folder / shard for shard in split.shards]
    rows.append(
      (
        name,
        f'{len(split.clips):,}',
        f'{len({clip.identity for clip in split.clips}):,}',
        f'{frames:,}',
        f'{frames / whole.fps / 3600:.2f}',
        f'{sum(f.stat().st_size for f in files if f.is_file()):,}',
      )
    )
  return align_columns(rows)


def align_columns(rows: Sequence[Sequence[str]]) -> str:
  """Rows of a table, the first column to the left and others to the right."""
  widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
  return '\n'.join(
    '  '.join(
      cell.ljust(width) if place == 0 else cell.rjust(width)
      for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    for row in rows
  )


def contact_sheet(folder: pathlib.Path, whole: Manifest) -> np.ndarray:
  """Returns clips of every split, three frames each, uint8 (h, w, 3).

  Frames that cannot be decoded stay black.
  """
  rows = []
  for title, split in whole.splits.items():
    shards = Shards(folder, split.shards)
    step = -(-len(split.clips) * len(whole.splits) // ROWS) or 1
    for clip, start in list(_place_clips(split.clips))[::step]:
      row = np.zeros((CAPTION + TILE, 3 * TILE, 3), np.uint8)
      for column, index in enumerate(_three(clip)):
        with contextlib.suppress(ValueError, IndexError):
          frame = records.parse_frame(shards.read(start + index))
          image = pictures.square(
            encoded_images.decode_image(frame['image']), TILE
          )
          row[CAPTION:, TILE * column : TILE * (column + 1)] = image
      rows.append(_caption(row, f'{title}  {clip.name}, {clip.frames} frames'))
  return np.concatenate(rows)


def _caption(row: np.ndarray, caption: str) -> np.ndarray:
  picture = Image.fromarray(row)
  ImageDraw.Draw(picture).text((4, 2), caption, 'white')
  return np.asarray(picture)
