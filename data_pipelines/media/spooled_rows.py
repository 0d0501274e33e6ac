"""Rows of numbers, of which many lie on disk: they hardly take memory."""

import contextlib
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator

import numpy as np

from data_pipelines.errors.mendable import DataError

IN_MEMORY = 2**22  # bytes from which on rows lie in a temporary file


class SpooledRows:
  """Rows of float32 that are added one after another, and read by number.

  The temporary file is seen by nobody else, and is gone with the object or the
  process.
  """

  def __init__(self, width: int):
    """Begins without rows; each will have so many numbers."""
    self._width, self._count = width, 0
    self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115, closed below
    weakref.finalize(self, self._file.close)
    self._lock = threading.Lock()  # readers share the file's position

  def __len__(self) -> int:
    return self._count

  def add(self, rows: np.ndarray) -> None:
    """Adds rows (n, width).

    Raises:
      DataError: the temporary file cannot be written.
    """
    with self._lock, _explain():
      self._file.seek(0, os.SEEK_END)
      self._file.write(np.float32(rows).tobytes())
    self._count += len(rows)

  def __getitem__(self, numbers: np.ndarray) -> np.ndarray:
    """Rows (..., width) by their numbers (...), each at least 0.

    Raises:
      DataError: the temporary file cannot be read.
    """
    wanted, places = np.unique(numbers, return_inverse=True)
    runs = np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1)
    rows = np.concatenate([self._read(run) for run in runs])
    return rows[places.reshape(np.shape(numbers))]

  def _read(self, run: np.ndarray) -> np.ndarray:
    """Rows that follow one another."""
    size = np.dtype(np.float32).itemsize * self._width
    with self._lock, _explain():
      self._file.seek(run[0] * size)
      found = self._file.read(len(run) * size)
    return np.frombuffer(found, np.float32).reshape(len(run), self._width)


@contextlib.contextmanager
def _explain() -> Iterator[None]:
  try:
    yield
  except OSError as error:
    raise DataError(
      f'{tempfile.gettempdir()}: no temporary file can be kept there'
      f' ({error.strerror}), as a long sound needs; make room, or name another'
      ' folder in the environment variable TMPDIR'
    ) from None
