"""The folders of the page: nothing in them outlives the server.

Each server has one of its own in the system's folder for passing files, and in
it are the files of visitors and those of jobs. No name in it is a visitor's.
"""

import contextlib
import os
import pathlib
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator

from data_pipelines.errors import owners

_PREFIX = 'dagan_jax_page-'
_FOLDER = re.compile(rf'{_PREFIX}(?P<owner>{owners.PATTERN})-[0-9a-f]+')


@contextlib.contextmanager
def open_root() -> Iterator[pathlib.Path]:
  """A folder that only this user may read, and that is removed at the end.

  Those of servers that were killed are removed first.
  """
  place = pathlib.Path(tempfile.gettempdir())
  sweep(place)
  owner = owners.name_this_process()
  root = place / f'{_PREFIX}{owner}-{secrets.token_hex(8)}'
  root.mkdir(mode=0o700)
  try:
    yield root
  finally:
    shutil.rmtree(root, ignore_errors=True)


def sweep(place: pathlib.Path) -> None:
  """Removes the folders of this user's servers that have ended."""
  for folder in place.glob(f'{_PREFIX}*'):
    found = _FOLDER.fullmatch(folder.name)
    with contextlib.suppress(OSError):
      about = folder.lstat()
      ours = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()
      if found and ours and owners.is_surely_dead(found['owner']):
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(root: pathlib.Path) -> pathlib.Path:
  """A new folder that nobody can guess the name of."""
  folder = root / secrets.token_hex(16)
  folder.mkdir(mode=0o700)
  return folder


def count_bytes(folder: pathlib.Path) -> int:
  """Of all files in a folder and below it."""
  total = 0
  for path in folder.rglob('*'):
    with contextlib.suppress(OSError):  # removed just now
      total += path.lstat().st_size if path.is_file() else 0
  return total
