"""Lists of pairs: whose portrait, and which video or frame drives it.

CSV files with the columns `source` and `driving`, as the authors of DaGAN
publish theirs (vox_evaluation.csv and others):

  source,driving,frame
  /data/vox1/test/id10282#a.mp4/0000013.png,/data/vox1/test/id10282#a.mp4/48.png

Other columns are passed over. Paths may come from another machine: what counts
is how they end.
"""

import csv
import pathlib
from collections.abc import Iterable
from typing import NamedTuple

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media.file_kinds import Kind, kind_of_name

COLUMNS = ('source', 'driving')


class Pair(NamedTuple):
  """An example."""

  name: str
  source: str  # a path as the list has it; '': nobody's
  driving: str  # likewise


def read_pairs(path: pathlib.Path) -> list[Pair]:
  """The pairs of a CSV file, named by their number, which counts from 0.

  Raises:
    UsageError: it cannot be read, or a line names no pair.
  """
  try:
    with open(path, newline='', encoding='utf-8-sig') as file:
      rows = [row for row in csv.reader(file) if any(row)]
  except (OSError, UnicodeDecodeError, csv.Error) as error:
    raise UsageError(f'{path}: no CSV file that can be read: {error}') from None
  if not rows:
    raise UsageError(f'{path}: empty; give source,driving in each line')
  header = [cell.strip() for cell in rows[0]]
  columns = [header.index(name) if name in header else -1 for name in COLUMNS]
  if min(columns) >= 0:
    rows = rows[1:]
  elif len(rows[0]) == len(COLUMNS):
    columns = [0, 1]
  else:
    raise UsageError(
      f'{path}: its first line is {",".join(rows[0])!r}; let it be'
      ' source,driving, which names the columns'
    )
  if not rows:
    raise UsageError(f'{path}: names no pair below its first line')
  pairs = []
  for number, row in enumerate(rows):
    cells = [row[i].strip() for i in columns] if len(row) > max(columns) else []
    if not cells or not all(cells):
      raise UsageError(
        f'{path}, pair {number}: {",".join(row)!r} is not source,driving'
      )
    pairs.append(Pair(f'{number:06}', *cells))
  return pairs


def write_pairs(path: pathlib.Path, pairs: Iterable[Pair]) -> None:
  """Writes a CSV file that `read_pairs` reads.

  Raises:
    UsageError: it cannot be written.
  """
  with (
    write_whole(path, error=UsageError) as partial,
    open(partial, 'w', newline='', encoding='utf-8') as file,
  ):
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows((pair.source, pair.driving) for pair in pairs)


def find_below(folder: pathlib.Path, path: str) -> pathlib.Path | None:
  """The file or folder below `folder` whose end is that of a path.

  The longest end that exists counts; where the list names a video, a folder of
  its frames will do, with or without the video's suffix.
  """
  parts = [part for part in pathlib.PurePath(path).parts if part != '..']
  if not parts:
    return folder
  for start in range(len(parts)):
    end = pathlib.PurePath(*parts[start:])
    if end.is_absolute():
      continue
    found = folder / end
    for candidate in (found, found.with_suffix('')):
      if candidate.is_dir() or (candidate == found and found.is_file()):
        return candidate
  return None


def name_below(folder: pathlib.Path, path: pathlib.Path) -> str:
  """What a video, picture or folder of frames is called, without a suffix.

  Folders of VoxCeleb's frames are called .mp4, too. The folder itself is '.'.
  """
  if path == folder:
    return '.'
  below = path.relative_to(folder)
  if path.is_dir() and kind_of_name(path) is not Kind.VIDEO:
    return below.as_posix()
  return below.with_suffix('').as_posix()
