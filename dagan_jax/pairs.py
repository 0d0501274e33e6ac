"""Many portraits, many films: one network, one compilation, one summary."""

import csv
import pathlib
from collections.abc import Sequence
from typing import NamedTuple

from absl import logging

from dagan_jax.animator import Animator
from dagan_jax.errors import UsageError
from dagan_jax.performance import Settings, is_motion, perform, watch
from data_pipelines import pictures, video
from data_pipelines.errors import DataError

FORMATS = {'mp4': '.mp4', 'gif': '.gif', 'webp': '.webp', 'png': ''}


class Pair(NamedTuple):
  """A portrait and what drives it."""

  source: str
  driving: str

  def name(self) -> str:
    """What its film is called, without suffix."""
    return '_'.join(pathlib.Path(path).stem for path in self)


def are_many(source: str, driving: str, pairs: str | None) -> bool:
  """Whether flags name more than one portrait and one film."""
  return bool(
    pairs or pathlib.Path(source or '').is_dir() or _is_folder_of_films(driving)
  )


def listed(
  source: str | None, driving: str | None, pairs: str | None
) -> list[Pair]:
  """Every portrait with every film, or the lines of a file.

  The result is in the order of films, so that each need be watched only once.

  Args:
    source: a portrait, or a folder of them.
    driving: a film (a folder of frames is one), or a folder of films.
    pairs: a CSV file, 'source,driving' in each line; paths are those below the
      folders above, if these are given, else below the file's own.

  Raises:
    UsageError: there is nothing to do, a name would be used twice, or a line
      of the file is no pair.
  """
  if pairs:
    found = _of_file(pathlib.Path(pairs), source, driving)
  else:
    portraits = _portraits(source)
    found = [Pair(p, d) for d in _films(driving) for p in portraits]
  names = {}
  for pair in found:
    other = names.setdefault(pair.name(), pair)
    if other != pair:
      raise UsageError(
        f'{pair.source} by {pair.driving} and {other.source} by'
        f' {other.driving} would both be called {pair.name()}: rename one'
      )
  return sorted(set(found), key=lambda p: [*map(video.natural_order, p[::-1])])


def animate_pairs(
  workdir: str,
  pairs: Sequence[Pair],
  output: str,
  settings: Settings,
  suffix: str,
) -> None:
  """Animates what is not there yet, and goes on where one fails.

  Prints every path written.

  Raises:
    UsageError: at the end, if some failed, with their number; why stands in
      the log. Or the workdir holds no network that animates.
  """
  settings.check()
  folder = pathlib.Path(output)
  if folder.exists() and not folder.is_dir():
    raise UsageError(f'{output} is a file: the films of all go into a folder')
  missing = [
    (pair, path)
    for pair in pairs
    if not (path := folder / (pair.name() + suffix)).exists()
  ]
  animator = Animator.open(workdir)
  failed, watched, film = [], None, None
  for number, (pair, path) in enumerate(missing, 1):
    logging.info('%d of %d: %s', number, len(missing), path)
    try:
      if pair.driving != film:
        watched, film = None, pair.driving
        watched = watch(animator, film, settings)
      if watched is None:
        raise DataError(f'{film} cannot be watched, as told above')
      perform(animator, pair.source, watched, str(path), settings)
    except (UsageError, DataError) as error:
      failed.append(f'{path.name}: {error}')
  logging.info(
    '%d made, %d were there already, %d failed',
    len(missing) - len(failed),
    len(pairs) - len(missing),
    len(failed),
  )
  for line in failed:
    logging.warning('failed: %s', line)
  if failed:
    raise UsageError(
      f'{len(failed)} of {len(pairs)} failed, as told above; the same command'
      ' tries only these again'
    )


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


def _films(driving: str) -> list[str]:
  if not _is_folder_of_films(driving):
    return [driving]
  return [str(path) for path in _inside(pathlib.Path(driving))]


def _is_folder_of_films(driving: str | None) -> bool:
  """Films lie in it, or folders of frames; one with pictures is a film."""
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
      or path.suffix.lower() in video.SUFFIXES
      or is_motion(path.name)
    )
  ]
