"""What commands write: a look at the names before hours of work, and arrays."""

import contextlib
import os
import pathlib
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures


def check_outputs(
  outputs: Iterable[str | None], inputs: Iterable[str], sheet: str | None
) -> None:
  """What we write must not replace what we read, nor one another.

  Args:
    outputs: paths to be written; None is passed over.
    inputs: paths to be read; they exist.
    sheet: the path of a contact sheet, if there is to be one.

  Raises:
    DataError: an output is an input, named twice or inside of another one, or
      the sheet's name is not a picture's.
  """
  inputs = list(inputs)
  outputs = [path for path in outputs if path]
  seen = set()
  for path in (*outputs, *filter(None, [sheet])):
    if os.path.exists(path) and any(os.path.samefile(path, i) for i in inputs):
      raise DataError(f'{path} is an input: give the output another name')
    place = pathlib.Path(path).resolve()
    if place in seen:
      raise DataError(f'{path} is named twice: give each output its own name')
    seen.add(place)
  for path in outputs:
    # A folder of frames gets its name last, and then must not exist yet.
    if seen.intersection(pathlib.Path(path).resolve().parents):
      raise DataError(f'{path} lies in another output: put it beside that one')
  if sheet and pathlib.Path(sheet).suffix.lower() not in pictures.SUFFIXES:
    raise DataError(f'{sheet}: end the name of the contact sheet in .png')


class ArrayWriter:
  """Appends maps of one shape to a .npy file; a context manager.

    with ArrayWriter('depth.npy') as array:
      array.write(depth)

  Each map goes to the disk as it comes, as float32; NumPy's header leaves room
  for their number, which is filled in at the end. The file bears its name only
  once it is whole: when the block is left by an exception, nothing remains. An
  existing file is replaced.
  """

  def __init__(self, path: str | os.PathLike, *, single: bool = False):
    """Makes ready to write to `path`.

    Args:
      path: where the array goes; missing folders on the way are made.
      single: the file holds its one map, 'h w'; otherwise maps, 't h w'.

    Raises:
      DataError: the place cannot be written.
    """
    self.path = pathlib.Path(path)
    self._partial = self.path.with_name(
      f'.{self.path.stem}.{os.getpid()}.part{self.path.suffix}'
    )
    self._single, self._shape, self._count = single, None, 0
    try:
      self.path.parent.mkdir(parents=True, exist_ok=True)
      if self.path.is_dir():
        raise IsADirectoryError(0, 'there is a folder of this name')
      self._file = open(self._partial, 'wb')  # noqa: SIM115
    except OSError as error:
      raise self._failed(error) from None

  def __enter__(self) -> 'ArrayWriter':
    return self

  def __exit__(self, kind, error, traceback) -> None:
    try:
      if kind is None:
        self._finish()
    finally:
      with contextlib.suppress(OSError):
        self._file.close()
        self._partial.unlink(missing_ok=True)

  def write(self, values: Float[np.ndarray, 'h w']) -> None:
    """Appends a map; all are of one shape.

    Raises:
      DataError: the disk is full, or the place has gone.
    """
    if self._shape not in (None, values.shape):
      raise ValueError(f'a map {values.shape} in an array of {self._shape}')
    try:
      if self._shape is None:
        self._shape = values.shape
        self._write_header()
      self._file.write(np.ascontiguousarray(values, '<f4').tobytes())
    except OSError as error:
      raise self._failed(error) from None
    self._count += 1

  def _finish(self) -> None:
    if self._shape is None:
      raise DataError(f'{self.path}: not written, for there was no frame')
    try:
      self._file.seek(0)
      self._write_header()
      self._file.close()
      os.replace(self._partial, self.path)
    except OSError as error:
      raise self._failed(error) from None

  def _write_header(self) -> None:
    shape = self._shape if self._single else (self._count, *self._shape)
    header = {'descr': '<f4', 'fortran_order': False, 'shape': shape}
    np.lib.format.write_array_header_1_0(self._file, header)

  def _failed(self, error: OSError) -> DataError:
    return DataError(f'{self.path}: cannot be written ({error.strerror})')
