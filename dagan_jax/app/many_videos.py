"""Many portraits, many videos: one network, one compilation, one summary."""

import csv
import functools
import pathlib
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from absl import logging

from dagan_jax.app.extras import Byproducts
from dagan_jax.app.one_video import (
  Settings,
  check_driving,
  is_motion,
  perform,
  ready,
  watch,
)
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.animator import Animator
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import (
  pictures,
  video_reader,
)

Item = TypeVar('Item')

FORMATS = {'mp4': '.mp4', 'gif': '.gif', 'webp': '.webp', 'png': ''}


class Pair(NamedTuple):
  """A portrait and what drives it."""

  source: str
  driving: str

  def name(self) -> str:
    """What its video is called, without suffix."""
    return '_'.join(pathlib.Path(path).stem for path in self)


def are_many(source: str, driving: str, pairs: str | None) -> bool:
  """Whether flags name more than one portrait and one video."""
  return bool(
    pairs
    or pathlib.Path(source or '').is_dir()
    or _is_folder_of_videos(driving)
  )


def listed(
  source: str | None, driving: str | None, pairs: str | None
) -> list[Pair]:
  """Every portrait with every video, or the lines of a file.

  The result is in the order of portraits, so that each need be made ready only
  once.

  Args:
    source: a portrait, or a folder of them.
    driving: a video (a folder of frames is one), or a folder of videos.
    pairs: a CSV file, 'source,driving' in each line; paths are those below the
      folders above, if these are given, else below the file's own.

  Raises:
    UsageError: there is nothing to do, a name would be used twice, or a line
      of the file is no pair.
  """
  if pairs:
    found = _of_file(pathlib.Path(pairs), source, driving)
  else:
    videos = _videos(driving)
    found = [Pair(p, d) for p in _portraits(source) for d in videos]
  names = {}
  for pair in found:
    other = names.setdefault(pair.name(), pair)
    if other != pair:
      raise UsageError(
        f'{pair.source} by {pair.driving} and {other.source} by'
        f' {other.driving} would both be called {pair.name()}: rename one'
      )
  return sorted(set(found), key=lambda p: [*map(video_reader.natural_order, p)])


def animate_pairs(
  workdir: str,
  pairs: Sequence[Pair],
  output: str,
  settings: Settings,
  byproducts: Byproducts,
  suffix: str,
) -> None:
  """Animates what is not there yet, and goes on where one fails.

  A portrait is made ready once, for it has all its videos in a row, and a video
  is watched once: of each its motion alone is kept. Prints every path written.

  Raises:
    UsageError: at the end, if some failed, with their number; why stands in
      the log. Or the workdir holds no network that animates, or the folder
      cannot be made, or holds a portrait or a video that is read.
    KeyboardInterrupt: Ctrl-C; of the video in the making nothing remains, for
      what is there counts as whole the next time.
  """
  settings.check()
  folder = pathlib.Path(output)
  if folder.exists() and not folder.is_dir():
    raise UsageError(f'{output} is a file: the videos of all go into a folder')
  read = {
    pathlib.Path(path).resolve().parent for pair in pairs for path in pair
  }
  if folder.resolve() in read:
    raise UsageError(
      f'{output} holds what is read: name a folder for the videos'
    )
  missing = [
    (pair, path)
    for pair in pairs
    if not (path := folder / (pair.name() + suffix)).exists()
  ]
  animator = Animator.open(workdir, precision=settings.precision)
  animator.check_tracks(settings.tracks)
  byproducts.open(workdir)
  try:
    folder.mkdir(parents=True, exist_ok=True)
  except OSError as error:
    raise UsageError(
      f'{output}: no folder can be made ({error.strerror})'
    ) from None

  @functools.lru_cache(maxsize=1)
  def portrait_of(source):
    return _outcome(
      lambda: ready(animator, pictures.read_picture(source), settings, source)
    )

  @functools.cache
  def watched_of(driving):
    return _outcome(lambda: watch(animator, driving, settings))

  failed, cut = [], []
  for number, (pair, path) in enumerate(missing, 1):
    logging.info('%d of %d: %s', number, len(missing), path)
    try:
      check_driving(pair.driving, settings)
      portrait = portrait_of(pair.source)()
      watched = watched_of(pair.driving)()
      perform(
        animator,
        portrait,
        watched,
        str(path),
        settings,
        byproducts,
        keep_part=False,
      )
    except (UsageError, DataError) as error:
      logging.warning('failed: %s', error)
      failed.append(f'{path.name}: {error}')
    else:
      if watched.broken:
        cut.append(f'{path.name}: {watched.broken}')
  _sum_up(len(pairs), len(missing), failed, cut)


def _sum_up(
  count: int, missing: int, failed: list[str], cut: list[str]
) -> None:
  """Raises UsageError if some failed."""
  logging.info(
    '%d made, %d were there already, %d failed',
    missing - len(failed),
    count - missing,
    len(failed),
  )
  for line in cut:
    logging.warning('made, but cut short: %s', line)
  for line in failed:
    logging.warning('failed: %s', line)
  if failed:
    raise UsageError(
      f'{len(failed)} of {count} failed, as told above; the same command'
      ' tries only these again'
    )


def _outcome(work: Callable[[], Item]) -> Callable[[], Item]:
  """What gives the result of some work, or raises its error, again and again.

  The work is done now, once.
  """
  try:
    made = work()
  except (UsageError, DataError) as error:
    failure = error

    def fail():
      raise failure

    return fail
  return lambda: made


def _of_file(
  path: pathlib.Path, source: str | None, driving: str | None
) -> list[Pair]:
  roots = [pathlib.Path(root or path.parent) for root in (source, driving)]
  try:
    with open(path, newline='', encoding='utf-8') as file:
      rows = [row for row in csv.reader(file) if row]
  except (OSError, UnicodeDecodeError, csv.Error) as error:
    raise UsageError(f'{path}: no CSV file that can be read: {error}') from None
  if rows and [cell.strip() for cell in rows[0]] == ['source', 'driving']:
    rows = rows[1:]
  for number, row in enumerate(rows, 1):
    if len(row) != 2:
      raise UsageError(
        f'{path}, pair {number}: {",".join(row)!r} is not source,driving'
      )
  if not rows:
    raise UsageError(f'{path}: names no pair, source,driving in each line')
  return [
    Pair(
      *(str(root / cell.strip()) for root, cell in zip(roots, row, strict=True))
    )
    for row in rows
  ]


def _portraits(source: str) -> list[str]:
  folder = pathlib.Path(source)
  if not folder.is_dir():
    return [source]
  found = [
    str(path)
    for path in folder.iterdir()
    if path.suffix.lower() in pictures.SUFFIXES
    and not path.name.startswith('.')
  ]
  if not found:
    raise UsageError(f'{source}: holds no portrait (png, jpg or webp files)')
  return found


def _videos(driving: str) -> list[str]:
  if not _is_folder_of_videos(driving):
    return [driving]
  return [str(path) for path in _inside(pathlib.Path(driving))]


def _is_folder_of_videos(driving: str | None) -> bool:
  """Videos lie in it, or folders of frames; one with pictures is a video."""
  folder = pathlib.Path(driving or '')
  if not driving or not folder.is_dir():
    return False
  if any(p.suffix.lower() in pictures.SUFFIXES for p in folder.iterdir()):
    return False
  return bool(_inside(folder))


def _inside(folder: pathlib.Path) -> list[pathlib.Path]:
  return [
    path
    for path in folder.iterdir()
    if not path.name.startswith('.')
    and (
      path.is_dir()
      or path.suffix.lower() in video_reader.SUFFIXES
      or is_motion(path.name)
    )
  ]
