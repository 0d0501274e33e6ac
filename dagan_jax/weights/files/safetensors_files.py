"""Safetensors files, read and written with NumPy alone.

A file is the length of a header, the header in JSON, and the arrays one after
the other [https://github.com/huggingface/safetensors#format].
"""

import json
import math
import pathlib
import struct
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.archives import check_size
from data_pipelines.errors.whole_files import write_whole

_TYPES = {
  'F64': '<f8',
  'F32': '<f4',
  'F16': '<f2',
  'BF16': '<u2',  # NumPy has no such type: widened to float32
  'I64': '<i8',
  'I32': '<i4',
  'I16': '<i2',
  'I8': 'i1',
  'U64': '<u8',
  'U32': '<u4',
  'U16': '<u2',
  'U8': 'u1',
  'BOOL': '?',
}
_NAMES = {np.dtype(t): name for name, t in _TYPES.items() if name != 'BF16'}
_LENGTH = struct.Struct('<Q')
_METADATA = '__metadata__'
_LONGEST_HEADER = 100 * 10**6  # bytes, as the format has it


class Safetensors(NamedTuple):
  """What a file holds."""

  arrays: dict[str, np.ndarray]
  metadata: dict[str, str]


def read_safetensors(path: str) -> Safetensors:
  """Arrays by name, and what the file says of itself.

  Raises:
    UsageError: there is no such file, it is of another kind, or cut short.
  """
  try:
    file = pathlib.Path(path)
    check_size(file)
    data = file.read_bytes()
  except OSError as error:
    raise UsageError(f'{path} cannot be read ({error.strerror})') from None
  header, start = _read_header(path, data)
  metadata = header.pop(_METADATA, {})
  try:
    ends = [entry['data_offsets'][1] for entry in header.values()]
    missing = start + max(ends, default=0) - len(data)
    if missing > 0:
      raise UsageError(
        f'{path} is cut short: {missing} bytes are missing; copy it again'
      )
    arrays = {
      name: _read_array(data, start, **entry) for name, entry in header.items()
    }
  except UsageError:
    raise
  except (AttributeError, IndexError, KeyError, TypeError, ValueError):
    raise UsageError(
      f'{path} is damaged: its header makes no sense; copy it again'
    ) from None
  return Safetensors(arrays, metadata)


def write_safetensors_file(
  path: str, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]
) -> None:
  """Writes arrays by name, and words about them; equal ones give equal bytes.

  Raises:
    UsageError: the disk refuses the file.
  """
  names = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
  header, end = {_METADATA: dict(sorted(metadata.items()))}, 0
  for name in names:
    array, begin = arrays[name], end
    end += array.nbytes
    header[name] = {
      'dtype': _NAMES[array.dtype],
      'shape': list(array.shape),
      'data_offsets': [begin, end],
    }
  text = json.dumps(header).encode()
  text += b' ' * (-len(text) % 8)  # so that arrays begin at even places
  with write_whole(path, UsageError) as partial, partial.open('wb') as file:
    file.write(_LENGTH.pack(len(text)) + text)
    for name in names:
      file.write(np.ascontiguousarray(arrays[name]).tobytes())


def _read_header(path: str, data: bytes) -> tuple[dict, int]:
  """The header, and where the arrays begin."""
  if len(data) >= _LENGTH.size:
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    if length <= _LONGEST_HEADER and data[_LENGTH.size :][:1] == b'{':
      if start > len(data):
        raise UsageError(
          f'{path} is cut short within its header; copy it again'
        )
      try:
        header = json.loads(data[_LENGTH.size : start])
      except (ValueError, RecursionError):
        header = None
      if isinstance(header, dict):
        return header, start
  raise UsageError(f'{path} is no safetensors file')


def _read_array(
  data: bytes, start: int, dtype: str, shape: list, data_offsets: list
) -> np.ndarray:
  """One array; raises ValueError or another error where its entry is wrong."""
  begin, end = data_offsets
  kind, count = np.dtype(_TYPES[dtype]), math.prod(shape)
  if not 0 <= begin <= end or end - begin != count * kind.itemsize:
    raise ValueError('the shape is not that of the bytes')
  array = np.frombuffer(data, kind, count, start + begin).reshape(shape)
  if dtype == 'BF16':
    return (array.astype(np.uint32) << 16).view(np.float32)
  return array.copy()
