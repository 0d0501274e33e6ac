"""Writes films as their frames come: mp4, gif, webp, or a folder of png."""

import os
import pathlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import numpy as np
from PIL import Image

from data_pipelines import provenance
from data_pipelines.errors import DataError
from data_pipelines.film_encoder import ENCODINGS, FilmEncoder

FAILURES = (OSError, av.FFmpegError)


class FilmWriter:
  """Writes frames to a film; a context manager.

    with FilmWriter('out.mp4', Fraction(30000, 1001), sound='in.mp4') as film:
      film.write(frame)

  The path's suffix decides: .mp4 (H.264, yuv420p; an odd row or column is
  doubled, for the format knows only even sizes), .gif (256 colours a frame),
  .webp (kept in memory until it is closed: its encoder wants all frames), or
  none: a folder of lossless 000000.png, 000001.png, ...
  The film bears its name only once it is closed: when the block is left by an
  exception, nothing remains, unless `close` was called before; then what was
  written plays. An existing film is replaced.
  """

  def __init__(
    self,
    path: str | os.PathLike,
    rate: Fraction | int,
    *,
    crf: int = 16,
    sound: str | os.PathLike | None = None,
    comment: str | None = None,
  ):
    """Makes ready to write to `path`.

    Args:
      path: where the film goes; missing folders on the way are made.
      rate: frames per second, kept as a fraction.
      crf: how much an mp4 may lose: 0 nothing, 16 nothing visible, 51 most.
      sound: a film or sound file whose first sound track an mp4 shall have, in
        time with its pictures and for as long as there are some. A source
        without sound is welcome.
      comment: how the film came about, written into its metadata; of a folder,
        into every picture.

    Raises:
      DataError: the place cannot be written, the suffix is unknown, or `sound`
        is neither a film nor a sound.
    """
    self.path = pathlib.Path(path)
    if not self.path.name:
      raise DataError(f'{path!r} is no name for a film or a new folder')
    self._partial = self.path.with_name(
      f'.{self.path.stem}.{os.getpid()}.part{self.path.suffix}'
    )
    suffix = self.path.suffix.lower()
    if suffix not in {'', *ENCODINGS}:
      known = ', '.join(ENCODINGS)
      raise DataError(
        f'{self.path}: cannot write {suffix}; end the name in {known},'
        ' or in nothing for a folder of pictures'
      )
    if self.path.is_dir() and (suffix or any(self.path.iterdir())):
      raise DataError(f'{self.path}: a folder that is in use; name another')
    try:
      self.path.parent.mkdir(parents=True, exist_ok=True)
      if suffix:
        self._sink = FilmEncoder(
          self._partial, Fraction(rate), crf, sound, comment
        )
      else:
        self._sink = _Folder(self._partial, comment)
    except FAILURES as error:
      raise self._failed(error) from None
    self._worker = ThreadPoolExecutor(1)
    self._size = None
    self._is_open = True

  def __enter__(self) -> 'FilmWriter':
    return self

  def __exit__(self, kind, error, traceback) -> None:
    if kind is None:
      self.close()
    else:
      self.discard()

  def write(self, frame: np.ndarray) -> None:
    """Appends a frame, uint8 (h, w, 3) in RGB; all frames are of one size.

    Raises:
      DataError: the disk is full, or the place has gone.
    """
    if not self._is_open:
      raise ValueError(f'{self.path}: closed; no frame can follow')
    if self._size is None:
      self._size = frame.shape
    if frame.shape != self._size or frame.dtype != np.uint8:
      raise ValueError(
        f'{frame.dtype} {frame.shape} in a film of uint8 {self._size}'
      )
    try:
      self._do(self._sink.write, frame)
    except FAILURES as error:
      raise self._failed(error) from None

  def close(self) -> None:
    """Finishes the film and gives it its name; a second call does nothing.

    May be called after any number of frames: the sound ends with them.

    Raises:
      DataError: no frame was written, the disk is full, or the place has gone.
    """
    if not self._is_open:
      return
    try:
      if self._size is None:
        raise DataError(f'{self.path}: not written, for there was no frame')
      self._do(self._sink.close)
      os.replace(self._partial, self.path)
    except FAILURES as error:
      raise self._failed(error) from None
    finally:
      self.discard()

  def discard(self) -> None:
    """Removes what was written, unless the film was closed before."""
    if not self._is_open:
      return
    self._is_open = False
    self._do(self._sink.abandon)
    self._worker.shutdown()
    if self._partial.is_dir():
      shutil.rmtree(self._partial, ignore_errors=True)
    else:
      self._partial.unlink(missing_ok=True)

  def _do(self, work: Callable, *arguments) -> None:
    # Ctrl-C strikes the main thread, where it only ends the waiting: nothing is
    # ever half written, and whoever then calls `close` has a whole film.
    self._worker.submit(work, *arguments).result()

  def _failed(self, error: Exception) -> DataError:
    why = error.strerror or error
    return DataError(f'{self.path}: cannot be written ({why})')


class _Folder:
  """Numbered pictures."""

  def __init__(self, path: pathlib.Path, comment: str | None):
    self._path = path
    self._options = provenance.picture_options('.png', comment)
    self._count = 0
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()

  def write(self, frame: np.ndarray) -> None:
    Image.fromarray(frame).save(
      self._path / f'{self._count:06d}.png', compress_level=3, **self._options
    )
    self._count += 1

  def close(self) -> None:
    pass

  abandon = close
