"""Buckets: places called as gs://NAME/FOLDER, which are no folders."""

import importlib.util
import os
import re

# What reads and writes a bucket; one of them must be installed.
_READERS = {'gs': ('tensorflow', 'gcsfs'), 's3': ('s3fs',)}


def scheme_of(path: str | os.PathLike) -> str:
  """The scheme of a bucket, as 'gs'; '' for a file or folder of this machine.

  Python's own paths spell a bucket gs:/NAME, and would make a folder 'gs:'.
  """
  found = re.match(r'([A-Za-z][A-Za-z0-9+.-]+):/', os.fspath(path))
  return found[1].lower() if found else ''


def why_unreadable(path: str | os.PathLike) -> str:
  """What keeps us from opening a path that has a scheme; '': nothing does.

  That is a bucket of another kind than gs:// and s3://, or one that nothing
  installed reads and writes.
  """
  if not os.fspath(path).startswith(tuple(f'{s}://' for s in _READERS)):
    return 'a bucket is called gs://BUCKET/FOLDER or s3://BUCKET/FOLDER'
  readers = _READERS[scheme_of(path)]
  if not any(importlib.util.find_spec(name) for name in readers):
    return f'nothing installed reads it: pip install {readers[-1]}'
  return ''
