"""Reads and writes PyTorch's files of weights; code in them is never run."""

import os
import pickle
import warnings
from typing import Any

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.archives import (
  MOST_BYTES,
  check_archive,
)

# Before, a crafted file could run code in spite of weights_only: CVE-2025-32434
# until 2.5, CVE-2026-24747 until 2.9.
SAFE = (2, 10)

_INSTALL = (
  "install PyTorch (pip install 'dagan_jax[convert]') or save its arrays as"
  ' .npz'
)


def read_torch(path: str) -> Any:
  """What a .pth holds, its tensors as arrays: dicts, lists, numbers, strings.

  Raises:
    UsageError: it wants to run code, is damaged, of another kind, claims more
      than it holds, or PyTorch is not installed.
  """
  try:
    import torch
  except ImportError as error:
    raise UsageError(f'{path} is a PyTorch file: {_INSTALL}') from error
  if tuple(map(int, torch.__version__.split('.')[:2])) < SAFE:
    raise UsageError(
      f'{path} was not read: in PyTorch {torch.__version__} a crafted file can'
      f' run code; pip install "torch>={SAFE[0]}.{SAFE[1]}"'
    )
  try:
    check_archive(path)
    with warnings.catch_warnings():
      warnings.simplefilter('ignore')  # of strange files; they are refused
      with torch.serialization.safe_globals(_list_numbers()):
        loaded = torch.load(path, map_location='cpu', weights_only=True)
  except UsageError:
    raise
  except Exception as error:  # foreign bytes break the unpickler in any way
    code = _list_code(path)
    if code:
      raise UsageError(
        f'{path} wants to run code ({", ".join(code)}), which was not done: it'
        ' is no file of plain weights'
      ) from error
    if isinstance(error, pickle.UnpicklingError):
      raise UsageError(
        f'{path} is no file of plain PyTorch weights: it is damaged, of another'
        ' kind, or wants to run code, which was not done'
      ) from error
    raise UsageError(
      f'{path} is no PyTorch file, damaged or cut off ({type(error).__name__})'
    ) from error
  room = [min(MOST_BYTES, 2 * os.path.getsize(path))]
  return _plain(loaded, path, room, torch.Tensor)


def _make_number(dtype: np.dtype, data: bytes) -> bool | int | float:
  """What NumPy pickles as a scalar, as a number of Python's own."""
  if dtype.kind not in 'biuf' or len(data) != dtype.itemsize:
    raise pickle.UnpicklingError('no plain number')
  return np.frombuffer(data, dtype).item()


def _list_numbers() -> list[Any]:
  """What a file may name so that numbers in it can be NumPy's: no code."""
  dtypes = [type(np.dtype(code)) for code in '?bBhHiIlLqQefd']
  # NumPy 2 has moved it; older files name the old place.
  places = ('numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar')
  return [np.dtype, *dtypes, *((_make_number, place) for place in places)]


def _list_code(path: str) -> list[str]:
  """The functions and classes other than tensors' that a file asks for.

  Empty where that cannot be told: in files as PyTorch wrote them before 1.6.
  """
  import torch

  try:
    with torch.serialization.safe_globals(_list_numbers()):
      return sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
  except Exception:  # foreign bytes break this reader, too
    return []


def write_torch(path: str, contents: dict[str, Any]) -> None:
  """Writes nested dicts of arrays and numbers, all arrays as tensors.

  Raises:
    UsageError: PyTorch is not installed.
  """
  try:
    import torch
  except ImportError as error:
    raise UsageError(f'{path} would be a PyTorch file: {_INSTALL}') from error

  def tensors(branch):
    if isinstance(branch, dict):
      return {name: tensors(value) for name, value in branch.items()}
    if isinstance(branch, np.ndarray):
      # A scalar's shape would get lost in np.ascontiguousarray.
      return torch.from_numpy(np.array(branch, order='C'))
    return branch

  torch.save(tensors(contents), path)


def _plain(value: Any, path: str, room: list[int], tensor: type) -> Any:
  """The same with arrays for tensors; takes their bytes out of `room`."""
  if isinstance(value, tensor):
    # A few bytes can claim to be any shape, seen again and again.
    room[0] -= value.numel() * value.element_size()
    if room[0] < 0:
      raise UsageError(f'{path} claims larger tensors than it holds')
    try:
      if str(value.dtype) == 'torch.bfloat16':  # NumPy has no such type
        value = value.float()
      return value.detach().numpy()
    except (TypeError, RuntimeError) as error:  # sparse, meta
      raise UsageError(
        f'{path} holds a tensor of {value.dtype}, {value.layout}: no published'
        ' network does'
      ) from error
  if isinstance(value, dict):
    return {
      name: _plain(branch, path, room, tensor) for name, branch in value.items()
    }
  return value
