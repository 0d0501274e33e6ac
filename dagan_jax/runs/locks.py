"""One at a time in a workdir: a second one would sweep away the first's saves.

The system lets a lock go with the process that holds it, however that ends, so
that none is ever left over.
"""

import contextlib
import fcntl
import os
import platform
from collections.abc import Iterator

import jax
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.workdirs import PathLike, locate
from data_pipelines.errors.buckets import scheme_of


@contextlib.contextmanager
def lock_workdir(workdir: PathLike) -> Iterator[None]:
  """Keeps other runs out of a workdir, which is made if need be.

  In a run of many hosts the first one holds the lock for all. A bucket has no
  locks.

  Raises:
    UsageError: another process works there; it says which, on which machine.
  """
  folder = locate(workdir)
  if jax.process_index() or scheme_of(folder):
    yield
    return
  path = folder / 'lock'
  try:
    folder.mkdir(parents=True, exist_ok=True)
    file = open(path, 'a+')  # noqa: SIM115, closed below
  except OSError as error:
    raise UsageError(
      f'{folder}: cannot be written ({error.strerror}): choose another'
      ' --workdir'
    ) from None
  with file:
    try:
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
      file.seek(0)
      holder = file.read().strip() or 'another process'
      raise UsageError(
        f'{folder}: {holder} is at work there; stop it or wait for it, or'
        ' choose another --workdir'
      ) from None
    except OSError as error:
      logging.warning(
        '%s: no lock to be had (%s): see yourself that nothing else trains'
        ' there',
        folder,
        error.strerror,
      )
      yield
      return
    file.truncate(0)
    file.write(f'process {os.getpid()} on {platform.node()}\n')
    file.flush()
    try:
      yield
    finally:
      file.truncate(0)
