"""Writes a file or a folder whole or not at all."""

import contextlib
import functools
import os
import pathlib
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator

from data_pipelines.errors import owners
from data_pipelines.errors.buckets import scheme_of
from data_pipelines.errors.mendable import DataError, MendableError

LONGEST_STEM = 40  # characters of a file's name that its part bears as well
SILENCE = 7 * 24 * 3600  # seconds: nobody writes a file with such pauses
_PART = re.compile(
  rf'\..*\.(?P<owner>{owners.PATTERN}|\d+)-[0-9a-f]{{8}}\.part(\.[^.]*)?'
)


@contextlib.contextmanager
def write_whole(
  path: str | os.PathLike, error: Callable[[str], MendableError] = DataError
) -> Iterator[pathlib.Path]:
  """Gives the name to write under; `path` appears once all is written.

    with write_whole('out/table.json') as partial:
      partial.write_text(text)

  The block writes a file, or makes a folder and fills it. When it ends well,
  what it wrote becomes `path`, in place of a file that was there. When it ends
  by an exception, Ctrl-C included, what it wrote is removed and an older file
  stays as it was. What a killed process left in that folder is removed as well,
  the first time that this one writes there.

  Args:
    path: where the file or folder goes; missing folders above it are made. A
      folder cannot take the place of a folder that holds something. An `epath`
      may name a bucket, gs://..., and is handled by its own methods.
    error: makes the exception from its message, when `path` cannot be written.

  Yields:
    A hidden name beside `path` with the same suffix,
    `.<stem>.<process>-<random>.part<suffix>`, a long stem shortened. It differs
    from any other, and tells whose it is (see `owners`).

  Raises:
    MendableError: made by `error`, where the block or renaming raised OSError:
      the disk is full, or the folder may not be written; or where a path that
      is no `epath` names a bucket.
  """
  if not hasattr(path, 'rmtree'):
    if scheme_of(path):
      raise error(f'{path}: cannot be written, for it is no folder of ours')
    path = pathlib.Path(path)
  name = f'{owners.name_this_process()}-{uuid.uuid4().hex[:8]}'
  partial = path.with_name(
    f'.{path.stem[:LONGEST_STEM]}.{name}.part{path.suffix}'
  )
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(path, pathlib.Path):
      _sweep_once(path.parent.absolute())
    try:
      yield partial
      partial.replace(path)
    finally:
      _remove(partial)
  except OSError as failure:
    why = failure.strerror or failure
    raise error(f'{path}: cannot be written ({why})') from None


def sweep(folder: pathlib.Path) -> None:
  """Removes what processes were writing in a folder when they were killed.

  That is what a process of this machine left that has ended, and what another
  machine, which cannot be asked, has not touched for a week.
  """
  with contextlib.suppress(OSError):
    for part in folder.iterdir():
      found = _PART.fullmatch(part.name)
      if found and _is_left(part, found['owner']):
        _remove(part)


_sweep_once = functools.cache(sweep)


def _is_left(part: pathlib.Path, owner: str) -> bool:
  if re.fullmatch(owners.PATTERN, owner) and owners.is_surely_dead(owner):
    return True
  with contextlib.suppress(OSError):
    return time.time() - part.stat().st_mtime > SILENCE
  return False


def _remove(path: pathlib.Path) -> None:
  """Removes a file or folder as far as that is possible."""
  with contextlib.suppress(OSError):
    if not path.is_dir():
      path.unlink(missing_ok=True)
    elif isinstance(path, pathlib.Path):
      shutil.rmtree(path, ignore_errors=True)
    else:
      path.rmtree()
