"""Reads pickles of plain NumPy arrays without running anything in them."""

import hashlib
import io
import pathlib
import pickle
from typing import Any

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.archives import check_size
from data_pipelines.errors.wording import describe

_RECONSTRUCT = np.empty(0).__reduce__()[0]
# All that a pickle of nested dicts of arrays names. NumPy 2 has moved the first
# to numpy._core; older files name the old place.
_NAMED = {
  ('numpy.core.multiarray', '_reconstruct'): _RECONSTRUCT,
  ('numpy._core.multiarray', '_reconstruct'): _RECONSTRUCT,
  ('numpy', 'ndarray'): np.ndarray,
  ('numpy', 'dtype'): np.dtype,
}


class _ArraysOnly(pickle.Unpickler):
  """Knows nothing but arrays of numbers."""

  def find_class(self, module: str, name: str) -> Any:
    if (module, name) not in _NAMED:
      raise UsageError(f'it names {module}.{name}, which no array needs')
    return _NAMED[module, name]


def read_arrays(path: str, sha256: str) -> dict[str, Any]:
  """Nested dicts of arrays, as a pickle holds them.

  Args:
    path: of the file.
    sha256: what its bytes must hash to, in hexadecimal; others are not looked
      at.

  Raises:
    UsageError: the file is missing, another one than was pinned, or holds or
      names anything besides arrays of numbers.
  """
  content = read_pinned(path, sha256)
  try:
    arrays = _ArraysOnly(io.BytesIO(content)).load()
    _check(arrays)
  except UsageError as error:
    raise UsageError(f'{path} was not read: {error}') from None
  except Exception as error:  # foreign bytes break the unpickler in any way
    raise UsageError(
      f'{path} is no pickle of arrays: {describe(error)}'
    ) from error
  return arrays


def read_pinned(path: str, sha256: str) -> bytes:
  """All of a file that must hash to that.

  Raises:
    UsageError: the file is missing, or another one than was pinned.
  """
  file = pathlib.Path(path)
  if not file.is_file():
    raise UsageError(f'there is no file {path}')
  check_size(file)
  content = file.read_bytes()
  found = hashlib.sha256(content).hexdigest()
  if found != sha256:
    raise UsageError(
      f'{path} is not the file that is known here: its SHA-256 is'
      f' {found[:16]}..., not {sha256[:16]}...; install its package again'
    )
  return content


def _check(branch: Any, where: str = '') -> None:
  """Raises a UsageError unless all of a tree is dicts and arrays of numbers."""
  if isinstance(branch, dict):
    for name, value in branch.items():
      if not isinstance(name, str):
        raise UsageError(f'{where or "it"} has a name that is no string')
      _check(value, f'{where}/{name}')
  elif not isinstance(branch, np.ndarray) or branch.dtype.kind not in 'fiub':
    raise UsageError(f'{where or "it"} holds no array of numbers')
