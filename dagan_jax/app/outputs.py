"""What commands write: checks of the names before long work, and arrays."""

import contextlib
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
from jaxtyping import Float

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media import pictures


def check_outputs(
  outputs: Iterable[str | None], inputs: Iterable[str], sheet: str | None
) -> None:
  """What we write must not replace what we read, nor one another.

  Args:
    outputs: paths to be written; None is passed over.
    inputs: paths to be read.
    sheet: the path of a contact sheet, if there is to be one.

  Raises:
    DataError: an output is an input, lies in a folder that is read, is named
      twice or inside of another one, or the sheet's name is not a picture's.
  """
  inputs = list(inputs)
  outputs = [path for path in outputs if path]
  seen = set()
  read = {pathlib.Path(p).resolve() for p in inputs if os.path.isdir(p)}
  for path in (*outputs, *filter(None, [sheet])):
    if any(_are_same(path, other) for other in inputs):
      raise DataError(f'{path} is an input: give the output another name')
    place = pathlib.Path(path).resolve()
    if place.parent in read:
      # The next time it would be taken for one of the frames or videos there.
      raise DataError(
        f'{path} lies in a folder that is read: name a place outside of it'
      )
    if place in seen:
      raise DataError(f'{path} is named twice: give each output its own name')
    seen.add(place)
  for path in outputs:
    # A folder of frames gets its name last, and then must not exist yet.
    if seen.intersection(pathlib.Path(path).resolve().parents):
      raise DataError(f'{path} lies in another output: put it beside that one')
  if sheet and pathlib.Path(sheet).suffix.lower() not in pictures.SUFFIXES:
    raise DataError(f'{sheet}: end the name of the contact sheet in .png')


def _are_same(path: str, other: str) -> bool:
  exist = os.path.exists(path) and os.path.exists(other)
  return exist and os.path.samefile(path, other)


@contextlib.contextmanager
def write_array(
  path: str | os.PathLike, *, single: bool = False
) -> Iterator['ArrayWriter']:
  """Opens a .npy file that gets maps of one shape, one after another.

    with write_array('depth.npy') as array:
      array.write(depth)

  The file bears its name only once it is whole, see `write_whole`.

  Args:
    path: where the array goes.
    single: the file holds its one map, 'h w'; otherwise maps, 't h w'.

  Raises:
    DataError: the place cannot be written, or no map came.
  """
  if pathlib.Path(path).is_dir():
    raise DataError(f'{path}: cannot be written (a folder has this name)')
  with write_whole(path) as partial, open(partial, 'wb') as file:
    array = ArrayWriter(file, single)
    yield array
    if not array.count:
      raise DataError(f'{path}: not written, for there was no frame')
    array.write_header()


class ArrayWriter:
  """Appends maps to a file; each goes to the disk as it comes, as float32.

  NumPy's header leaves room for their number, which is filled in at the end.

  Attributes:
    count: of the maps so far.
  """

  def __init__(self, file: BinaryIO, single: bool):
    """See `write_array`."""
    self.count = 0
    self._file, self._single, self._shape = file, single, None

  def write(self, values: Float[np.ndarray, 'h w']) -> None:
    """Appends a map; all are of one shape."""
    if self._shape not in (None, values.shape):
      raise ValueError(f'a map {values.shape} in an array of {self._shape}')
    if self._shape is None:
      self._shape = values.shape
      self.write_header()
    self._file.write(np.ascontiguousarray(values, '<f4').tobytes())
    self.count += 1

  def write_header(self) -> None:
    """Writes the header at the file's beginning, with the present count."""
    shape = self._shape if self._single else (self.count, *self._shape)
    header = {'descr': '<f4', 'fortran_order': False, 'shape': shape}
    self._file.seek(0)
    np.lib.format.write_array_header_1_0(self._file, header)
