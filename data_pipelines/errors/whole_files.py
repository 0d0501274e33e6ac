"""Writes a file or a folder whole or not at all."""

import contextlib
import os
import pathlib
import shutil
import uuid
from collections.abc import Callable, Iterator

from data_pipelines.errors.mendable import DataError, MendableError


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
  stays as it was.

  Args:
    path: where the file or folder goes; missing folders above it are made. A
      folder cannot take the place of a folder that holds something. An `epath`
      may name a bucket, gs://..., and is handled by its own methods.
    error: makes the exception from its message, when `path` cannot be written.

  Yields:
    A hidden name beside `path` with the same suffix,
    `.<stem>.<process>-<random>.part<suffix>`. It differs from any other: two
    containers that share a disk may give the same number to their processes.

  Raises:
    MendableError: made by `error`, where the block or renaming raised OSError:
      the disk is full, or the folder may not be written.
  """
  if not hasattr(path, 'rmtree'):
    path = pathlib.Path(path)
  name = f'{os.getpid()}-{uuid.uuid4().hex[:8]}'
  partial = path.with_name(f'.{path.stem}.{name}.part{path.suffix}')
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
      yield partial
      partial.replace(path)
    finally:
      _remove(partial)
  except OSError as failure:
    why = failure.strerror or failure
    raise error(f'{path}: cannot be written ({why})') from None


def _remove(path: pathlib.Path) -> None:
  """Removes a file or folder as far as that is possible."""
  with contextlib.suppress(OSError):
    if not path.is_dir():
      path.unlink(missing_ok=True)
    elif isinstance(path, pathlib.Path):
      shutil.rmtree(path, ignore_errors=True)
    else:
      path.rmtree()
