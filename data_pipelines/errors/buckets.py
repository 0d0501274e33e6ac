"""Buckets: places called as gs://NAME/FOLDER, which are no folders."""

import os
import re


def scheme_of(path: str | os.PathLike) -> str:
  """The scheme of a bucket, as 'gs'; '' for a file or folder of this machine.

  Python's own paths spell a bucket gs:/NAME, and would make a folder 'gs:'.
  """
  found = re.match(r'([A-Za-z][A-Za-z0-9+.-]+):/', os.fspath(path))
  return found[1].lower() if found else ''
