"""Where a build works, and how a data set gets into its place: whole."""

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator

from data_pipelines.builders.work.jobs import (
  Listing,
  Recipe,
)
from data_pipelines.builders.writing import collection
from data_pipelines.errors.mendable import DataError

WORK = '.work'  # below the output folder: what a build remembers


@contextlib.contextmanager
def workplace(out: pathlib.Path) -> Iterator[pathlib.Path]:
  """Gives the folder of a build's own files.

  No other build can use it meanwhile. What a killed build left half done is
  removed.

  Raises:
    DataError: another build uses it, or it cannot be written.
  """
  folder = out / WORK
  try:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'lock').touch()
  except OSError as error:
    raise DataError(f'{out}: cannot be written ({error.strerror})') from None
  with open(folder / 'lock') as lock:
    try:
      fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
      raise DataError(
        f'{out}: another build is at work there; wait for it, or give another'
        ' --out'
      ) from None
    _tidy(folder)
    try:
      yield folder
    finally:
      _tidy(folder)


def _tidy(work: pathlib.Path) -> None:
  for partial in work.glob('.*.part.zip'):
    partial.unlink()
  shutil.rmtree(work / 'fresh', ignore_errors=True)


def state(
  name: str,
  listing: Listing,
  recipe: Recipe,
  test_fraction: float,
  licence: str,
) -> str:
  """Changes when the data set would: videos, flags or ways have changed."""
  jobs = [[job.key(recipe), *job] for job in listing.jobs]
  told = [listing.missing, dict(listing.passed_over), listing.notes]
  made = [collection.VERSION, name, licence, test_fraction]
  text = json.dumps([*made, *told, jobs])
  return hashlib.sha256(text.encode()).hexdigest()


def place(out: pathlib.Path, name: str, kind: str) -> pathlib.Path:
  """Returns the version folder of a data set of a kind, as its size is one."""
  return out / name / kind / collection.VERSION


def is_there(place: pathlib.Path, work: pathlib.Path, state: str) -> bool:
  """Whether a data set in that state is in its place."""
  note = _note(place, work)
  return place.is_dir() and note.is_file() and note.read_text() == state


def put(
  written: pathlib.Path,
  place: pathlib.Path,
  work: pathlib.Path,
  state: str | None,
) -> None:
  """Moves a finished version folder into its place; another there goes.

  There is a whole data set in the place at every moment. Where the file system
  cannot exchange two folders, none is there for a moment, and who is killed
  then leaves the older one beside it for `recover`.

  Args:
    written: the folder.
    place: where it goes.
    work: the build's own files.
    state: what it is, for `is_there`; None: not all that was wanted.
  """
  note, old = _note(place, work), _old(place)
  note.unlink(missing_ok=True)
  place.parent.mkdir(parents=True, exist_ok=True)
  if not place.exists():
    written.rename(place)
  elif not _exchange(written, place):
    place.rename(old)
    written.rename(place)
    recover(place)
  if state is not None:
    note.write_text(state)


def recover(place: pathlib.Path) -> None:
  """Puts back a data set that a build was about to replace when it was killed.

  Where the new one got into the place, the older one goes.
  """
  old = _old(place)
  if old.exists() and not place.exists():
    old.rename(place)
  shutil.rmtree(old, ignore_errors=True)


def _old(place: pathlib.Path) -> pathlib.Path:
  return place.with_name(f'.{place.name}.old')


def _exchange(one: pathlib.Path, other: pathlib.Path) -> bool:
  """Lets two folders change places at once; whether the system can do that."""
  try:
    rename = ctypes.CDLL(None).renameat2
  except (AttributeError, OSError):  # it is Linux's own
    return False
  here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
  return not rename(here, os.fsencode(one), here, os.fsencode(other), exchange)


def clean(work: pathlib.Path) -> None:
  """Removes the jobs' files: more videos, or other flags, would need them."""
  for path in work.glob('*.zip'):
    path.unlink()


def _note(place: pathlib.Path, work: pathlib.Path) -> pathlib.Path:
  return work / f'{place.parent.parent.name}-{place.parent.name}.built'
