"""Files in buckets, for readers that know only those of this machine."""

import contextlib
import os
import pathlib
import tempfile
from collections.abc import Iterator

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.workdirs import locate
from data_pipelines.errors.buckets import scheme_of


@contextlib.contextmanager
def fetch(path: str) -> Iterator[str]:
  """The path itself; of a file in a bucket, that of a copy for the while.

  Raises:
    UsageError: there is no such file in the bucket, or nothing installed reads
      it. What is raised within, of the copy, names the file in the bucket.
  """
  if not scheme_of(path):
    yield path
    return
  file = locate(path)
  if not file.exists():
    raise UsageError(f'there is no file {path}')
  with tempfile.TemporaryDirectory() as folder:
    copy = os.path.join(folder, file.name)
    pathlib.Path(copy).write_bytes(file.read_bytes())
    try:
      yield copy
    except UsageError as error:
      raise UsageError(str(error).replace(copy, path)) from error
