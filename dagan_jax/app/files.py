"""Which files the command animates, and where results go."""

import csv
import dataclasses
import functools
import os
import pathlib
from typing import NamedTuple

from dagan_jax.app.network_option import workdir_option
from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.inference.reenactment.driving_motion import is_motion
from data_pipelines.errors.wording import list_few
from data_pipelines.media import folders

FORMATS = {'mp4': '.mp4', 'gif': '.gif', 'webp': '.webp', 'png': ''}
STREAM = '-'  # as --driving: frames come on standard input


@dataclasses.dataclass(frozen=True, kw_only=True)
class Files:
  """The command's options that name files; flags are made from them.

  Raises:
    UsageError: some are missing, or do not go together.
  """

  workdir: str | None = workdir_option('a trained or converted network')
  source: str | None = option(
    None, help='the portrait: a picture of any size, or a folder of portraits'
  )
  driving: str | None = option(
    None,
    parse=os.path.expanduser,
    help='the video to move like: mp4 or the like, a gif, a folder of frames, a'
    ' picture, or a motion that --save wrote (.npz); or a folder of videos; or'
    ' -, frames as they come on standard input (Matroska, MPEG-TS, YUV4MPEG)',
  )
  pairs: str | None = option(
    None,
    parse=os.path.expanduser,
    help='a CSV file, source,driving in each line, instead of every portrait'
    ' with every video',
  )
  output: str = option(
    parse=os.path.expanduser,
    help='.mp4, .gif or .webp; a name without suffix: a folder of PNG frames;'
    ' of many videos: the folder where they go, those that are there are kept',
  )
  format: str | None = option(
    None,
    choices=tuple(FORMATS),
    help='of many videos (default: mp4; png: folders of frames)',
  )
  save: str | None = option(
    None,
    help='what is kept beside the video, comma-separated: motion, to drive'
    ' other portraits without the video; depth and pointcloud of the'
    " portrait's part that moves. Each goes beside the output"
    ' (out.motion.npz, out.depth.npy, out.ply), or a path says where: .npz the'
    ' motion, .npy or .png depth as numbers or colours, .ply the point cloud',
  )
  contact_sheet: str | None = option(
    None,
    parse=os.path.expanduser,
    help='a PNG of source, driving, result and how it came about, to look at',
  )

  def __post_init__(self):
    if not self.pairs and not (self.source and self.driving):
      raise UsageError('--source and --driving are needed, or --pairs')
    if self.are_many and self.contact_sheet:
      raise UsageError('--contact_sheet is for one video alone')
    if self.are_many and self.driving == STREAM:
      raise UsageError('--driving=- moves one portrait: name one picture')
    if not self.are_many and self.format:
      raise UsageError(
        '--format is for many videos: the name of one tells its format'
      )

  @functools.cached_property
  def are_many(self) -> bool:
    """Whether they are more than one portrait and one video."""
    return bool(
      self.pairs
      or pathlib.Path(self.source).is_dir()
      or _is_folder_of_videos(pathlib.Path(self.driving))
    )


class Job(NamedTuple):
  """A portrait, what drives it, and the video that is to be made."""

  source: str
  driving: str
  output: str


class Jobs(NamedTuple):
  """All that is to be done, and what else lies in the folders."""

  jobs: list[Job]
  passed_over: dict[str, list[str]]  # paths by the reason why


def list_jobs(files: Files) -> Jobs:
  """One job, or many: every portrait with every video, or a file's lines.

  Many are in the order of portraits, so that each is prepared only once.

  Raises:
    UsageError: there is nothing to do, a name would be used twice, or a line
      of the file is no pair.
    DataError: a folder cannot be read.
  """
  passed_over = {}
  if files.pairs:
    pairs = _read_pairs(files)
  else:
    portraits, beside_portraits = _list_portraits(pathlib.Path(files.source))
    videos, beside_videos = _list_videos(files)
    pairs = [(portrait, video) for portrait in portraits for video in videos]
    # One folder may hold both.
    used = {path for pair in pairs for path in pair}
    passed_over = _merge(used, beside_portraits, beside_videos)
  if not files.are_many:
    return Jobs([Job(*pair, files.output) for pair in pairs], passed_over)
  names = {}
  for pair in pairs:
    other = names.setdefault(_name_video(*pair), pair)
    if other != pair:
      raise UsageError(
        f'{pair[0]} by {pair[1]} and {other[0]} by {other[1]} would both be'
        f' called {_name_video(*pair)}: rename one'
      )
  folder, suffix = pathlib.Path(files.output), FORMATS[files.format or 'mp4']
  jobs = [
    Job(*pair, str(folder / (_name_video(*pair) + suffix)))
    for pair in sorted(
      set(pairs), key=lambda p: [*map(folders.natural_order, p)]
    )
  ]
  return Jobs(jobs, passed_over)


def _name_video(source: str, driving: str) -> str:
  """Without suffix."""
  paths = pathlib.Path(source), pathlib.Path(driving)
  return '_'.join(path.name if path.is_dir() else path.stem for path in paths)


def _read_pairs(files: Files) -> list[tuple[str, str]]:
  """The lines of a CSV file.

  Paths are those below the folders of `source` and `driving`, if these are
  given, else below the file's own.
  """
  path = pathlib.Path(files.pairs)
  folders = [
    pathlib.Path(folder or path.parent)
    for folder in (files.source, files.driving)
  ]
  try:
    with open(path, newline='', encoding='utf-8') as file:
      rows = [row for row in csv.reader(file) if row]
  except (OSError, UnicodeDecodeError, csv.Error) as error:
    raise UsageError(f'{path}: no CSV file that can be read: {error}') from None
  if rows and [cell.strip() for cell in rows[0]] == ['source', 'driving']:
    rows = rows[1:]
  if not rows:
    raise UsageError(f'{path}: names no pair, source,driving in each line')
  for number, row in enumerate(rows, 1):
    if len(row) != 2:
      raise UsageError(
        f'{path}, pair {number}: {",".join(row)!r} is not source,driving'
      )
  return [
    tuple(str(f / cell.strip()) for f, cell in zip(folders, row, strict=True))
    for row in rows
  ]


Beside = dict[str, list]  # paths that are passed over, by the reason why


def _list_portraits(source: pathlib.Path) -> tuple[list[str], Beside]:
  if not source.is_dir():
    return [str(source)], {}
  entries = folders.list_folder(source)
  beside = {
    'no portraits': [*entries.videos, *entries.sounds, *entries.others],
    'folders below that of the portraits': entries.folders,
  }
  if not entries.pictures:
    names = list_few(path.name for paths in beside.values() for path in paths)
    raise UsageError(
      f'{source}: holds no portrait (png, jpg, webp or other pictures)'
      + (f', only {names}' if names else '')
    )
  return [str(path) for path in entries.pictures], beside


def _list_videos(files: Files) -> tuple[list[str], Beside]:
  """Videos, folders of frames and motions; or the one that was named."""
  driving = pathlib.Path(files.driving)
  if files.driving == STREAM or not driving.is_dir():
    return [files.driving], {}
  entries = folders.list_folder(driving)
  if not _is_folder_of_videos(driving):
    return [files.driving], folders.list_beside_frames(driving)
  beside = {folders.SOUNDS: entries.sounds}
  output = pathlib.Path(files.output).resolve()
  below = [path for path in entries.folders if path.resolve() != output]
  frames = [path for path in below if folders.list_folder(path).are_frames]
  motions = [path for path in entries.others if is_motion(path.name)]
  beside[folders.BESIDE] = entries.pictures
  beside[folders.OTHERS] = [p for p in entries.others if p not in motions]
  beside['folders without frames'] = [p for p in below if p not in frames]
  found = [*entries.videos, *frames, *motions]
  if not found:
    names = list_few(path.name for paths in beside.values() for path in paths)
    raise UsageError(f'{driving}: holds no video, only {names}')
  return [str(path) for path in found], beside


def _is_folder_of_videos(driving: pathlib.Path) -> bool:
  """Whether videos, folders of frames or motions lie in it.

  A folder that holds pictures and no video is itself one video.
  """
  if not driving.is_dir():
    return False
  entries = folders.list_folder(driving)
  if entries.are_frames:
    return False
  return bool(entries.videos or entries.folders) or any(
    is_motion(path.name) for path in entries.others
  )


def _merge(used: set[str], *found: Beside) -> dict[str, list[str]]:
  """What was passed over and is not used all the same."""
  merged: dict[str, list[str]] = {}
  for beside in found:
    for why, paths in beside.items():
      names = [str(path) for path in paths if str(path) not in used]
      merged.setdefault(why, []).extend(names)
  return merged
