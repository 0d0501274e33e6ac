"""Tells files apart by what they hold, without reading all of it."""

import hashlib
import pathlib

from data_pipelines.media.folders import natural_order

_ENDS = 2**16  # bytes at a file's beginning and end


def list_files(path: pathlib.Path) -> list[pathlib.Path]:
  """A file by itself, or those directly in a folder, in their natural order."""
  if not path.is_dir():
    return [path]
  files = (p for p in path.iterdir() if p.is_file())
  return sorted(files, key=lambda p: natural_order(p.name))


def digest_ends(path: pathlib.Path) -> str:
  """sha256 of the length, the beginning and the end of each file.

  Names and times do not count. Whoever encodes a video or a PNG picture anew
  changes its beginning or its end: there stand the tables of a video's frames,
  and the check sum of a picture. An OSError tells of a file that cannot be
  read.

  Args:
    path: of a file, or of a folder of frames.
  """
  digest = hashlib.sha256()
  for file in list_files(path):
    length = file.stat().st_size
    digest.update(f'{length}\n'.encode())
    with open(file, 'rb') as opened:
      digest.update(opened.read(_ENDS))
      opened.seek(max(_ENDS, length - _ENDS))
      digest.update(opened.read(_ENDS))
  return digest.hexdigest()
