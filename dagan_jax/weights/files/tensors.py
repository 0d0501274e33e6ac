"""Reads files of foreign weights without running anything that is in them."""

import pathlib
from typing import Any, NamedTuple

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.buckets import fetch
from dagan_jax.weights.files.archives import read_npz
from dagan_jax.weights.files.safetensors_files import read_safetensors
from dagan_jax.weights.files.torch_files import read_torch
from data_pipelines.errors.wording import describe

# The networks of a checkpoint: in a PyTorch file each is a dict; in the other
# files, which are flat, names begin with the network's.
NESTED = ('generator', 'kp_detector', 'discriminator')
_WRAPPED = ('state_dict', 'model')


class Contents(NamedTuple):
  """What a file holds."""

  parts: dict[str, dict[str, np.ndarray]]  # tensors by name; '' stands alone
  others: dict[str, Any]  # all else that it names


def read_tensors(path: str) -> dict[str, np.ndarray]:
  """Arrays by name from a flat .pth, .safetensors or .npz, also in a bucket.

  Raises:
    UsageError: as `read_contents`, or the file is not flat.
  """
  with fetch(path) as file:
    contents = read_contents(file)
  if list(contents.parts) != ['']:
    raise UsageError(f'{path} holds no single table of weights')
  return contents.parts['']


def read_contents(path: str) -> Contents:
  """Networks in a .pth, .pth.tar, .safetensors or .npz; floats are float32.

  Raises:
    UsageError: the file is missing, damaged, of another kind, would run code,
      holds no tensors, or needs a package that is not installed.
  """
  file = pathlib.Path(path)
  if not file.is_file():
    raise UsageError(f'there is no file {path}')
  if not file.stat().st_size:
    raise UsageError(f'{path} is empty')
  try:
    if file.suffix == '.npz':
      contents = _split_parts(read_npz(path))
    elif file.suffix == '.safetensors':
      contents = _split_parts(read_safetensors(path).arrays)
    else:
      contents = _sort_contents(path, read_torch(path))
  except UsageError:
    raise
  except Exception as error:  # foreign bytes break readers in any way
    raise UsageError(
      f'{path} is not a readable {file.suffix}: {describe(error)}'
    ) from error
  if not any(contents.parts.values()):
    raise UsageError(f'{path} holds no tensors')
  parts = {
    part: {name: _widen(array) for name, array in arrays.items()}
    for part, arrays in contents.parts.items()
  }
  return contents._replace(parts=parts)


def _widen(array: np.ndarray) -> np.ndarray:
  """Numbers that were stored in fewer bytes, or more, as float32."""
  return array.astype(np.float32) if array.dtype.kind == 'f' else array


def _split_parts(arrays: dict[str, np.ndarray]) -> Contents:
  """Sorts a flat table by the network that each name begins with."""
  parts = {}
  for name, array in arrays.items():
    first, dot, rest = name.replace('/', '.', 1).partition('.')
    nested = dot and first in NESTED
    part, name = (first, rest) if nested else ('', name)
    parts.setdefault(part, {})[name] = array
  return Contents(parts, {})


def _sort_contents(path: str, loaded: Any) -> Contents:
  """Sorts tables of tensors from all else."""
  if not isinstance(loaded, dict) or not all(
    isinstance(n, str) for n in loaded
  ):
    raise UsageError(f'{path} holds no table of weights')
  for name in _WRAPPED:
    if isinstance(loaded.get(name), dict):
      inside = _sort_contents(path, loaded[name])
      others = {key: value for key, value in loaded.items() if key != name}
      return inside._replace(others={**inside.others, **others})
  parts, others = {}, {}
  for name, value in loaded.items():
    if isinstance(value, np.ndarray):
      parts.setdefault('', {})[name] = value
    elif _is_table(value):
      parts[name] = value
    else:
      others[name] = value
  return Contents(parts, others)


def _is_table(value: Any) -> bool:
  return (
    isinstance(value, dict)
    and bool(value)
    and all(
      isinstance(name, str) and isinstance(array, np.ndarray)
      for name, array in value.items()
    )
  )
