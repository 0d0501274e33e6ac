"""Reads .npz archives without believing what they claim to hold.

Everything of ours that comes as .npz from outside passes here: weights, and
motions that were saved.
"""

import math
import os
import zipfile

import numpy as np
from numpy.lib import format as npy

from dagan_jax.console.errors import UsageError

MOST_BYTES = 8 << 30  # of tensors in a file; the largest published has 1 GiB
# Weights are noise and hardly shrink: what shrinks so well is a bomb.
_MOST_SHRUNK = 20
_SMALL = 16 << 20

_HEADERS = {
  (1, 0): npy.read_array_header_1_0,
  (2, 0): npy.read_array_header_2_0,
}


def check_size(path: str | os.PathLike) -> None:
  """Raises UsageError where a file holds more than any network's weights."""
  size = os.path.getsize(path)
  if size > MOST_BYTES:
    raise UsageError(
      f'{path} has {size} bytes, and was not read: no network has so many'
    )


def check_archive(path: str) -> None:
  """Looks at what a zip archive, if `path` is one, says it will unpack to.

  Raises:
    UsageError: it is more than such a file can honestly hold.
  """
  if not zipfile.is_zipfile(path):
    return
  with zipfile.ZipFile(path) as archive:
    claimed = sum(member.file_size for member in archive.infolist())
  most = min(MOST_BYTES, max(_SMALL, _MOST_SHRUNK * os.path.getsize(path)))
  if claimed > most:
    raise UsageError(
      f'{path} claims to unpack to {claimed} bytes from'
      f' {os.path.getsize(path)}, and was not read: no honest file does'
    )


def read_npz(path: str, *, texts: bool = False) -> dict[str, np.ndarray]:
  """Arrays of numbers by name; where asked for, `texts` as well.

  Raises:
    UsageError: the archive claims more than it holds, or would run code.
    Exception: it is damaged, in any of the ways that zipfile and NumPy know.
  """
  check_archive(path)
  kinds = 'fiubU' if texts else 'fiub'
  arrays = {}
  with zipfile.ZipFile(path) as archive:
    for member in archive.infolist():
      name = member.filename.removesuffix('.npy')
      if name == member.filename or name in arrays:
        raise ValueError(f'{member.filename!r} in it is no array of its own')
      with archive.open(member) as stream:
        where = f'{path}, {name},'
        arrays[name] = _array(stream, member.file_size, kinds, where)
  return arrays


def _array(stream, size: int, kinds: str, where: str) -> np.ndarray:
  version = npy.read_magic(stream)
  shape, fortran, dtype = _HEADERS[version](stream)
  if dtype.hasobject:
    raise UsageError(
      f'{where} holds Python objects, which may run code: they were not read'
    )
  size -= stream.tell()
  claimed = math.prod(shape) * dtype.itemsize
  if dtype.kind not in kinds or claimed != size or min((0, *shape)) < 0:
    raise ValueError(f'{where} claims {dtype}{list(shape)} in {size} bytes')
  array = np.frombuffer(stream.read(size), dtype)
  array = array.reshape(shape, order='F' if fortran else 'C')
  return array.astype(dtype.newbyteorder('='), copy=False)
