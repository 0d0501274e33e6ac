"""Writes videos as their frames come: mp4, gif, webp, or a folder of png."""

import os
import pathlib
import queue
import shutil
import threading
import weakref
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import provenance
from data_pipelines.media.video_encoder import (
  ENCODINGS,
  VideoEncoder,
)

FAILURES = (OSError, av.FFmpegError)
WAITING = 8  # frames at most between who makes them and who encodes them


class VideoWriter:
  """Writes frames to a video; a context manager.

    with VideoWriter('out.mp4', Fraction(30000, 1001), sound='in.mp4') as video:
      video.write(frame)

  The path's suffix decides: .mp4 (H.264, yuv420p; an odd row or column is
  doubled, for the format knows only even sizes), .gif (256 colours a frame),
  .webp (kept in memory until it is closed: its encoder wants all frames), or
  none: a folder of lossless 000000.png, 000001.png, ...
  The video bears its name only once it is closed: when the block is left by an
  exception, nothing remains, unless `close` was called before; then what was
  written plays. An existing video is replaced.
  A thread encodes while the next frames are made; at most WAITING are kept for
  it, 200 MB of 4K. It ends with the video.
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
      path: where the video goes; missing folders on the way are made.
      rate: frames per second, kept as a fraction.
      crf: how much an mp4 may lose: 0 nothing, 16 nothing visible, 51 most.
      sound: a video or sound file whose first sound track an mp4 shall have, in
        time with its pictures and for as long as there are some. A source
        without sound is welcome.
      comment: how the video came about, written into its metadata; of a folder,
        into every picture.

    Raises:
      DataError: the place cannot be written, the suffix is unknown, or `sound`
        is neither a video nor a sound.
    """
    check_place(path)
    self.path = pathlib.Path(path)
    self._partial = self.path.with_name(
      f'.{self.path.stem}.{os.getpid()}.part{self.path.suffix}'
    )
    try:
      self.path.parent.mkdir(parents=True, exist_ok=True)
      if self.path.suffix:
        sink = VideoEncoder(self._partial, Fraction(rate), crf, sound, comment)
      else:
        sink = _Folder(self._partial, comment)
    except FAILURES as error:
      raise self._failed(error) from None
    self._worker = _Worker(sink, self._partial, self.path)
    # Of a video that is neither closed nor discarded, nothing remains either.
    weakref.finalize(self, self._worker.discard)
    self._size = None
    self._is_open = True

  def __enter__(self) -> 'VideoWriter':
    return self

  def __exit__(self, kind, error, traceback) -> None:
    if kind is None:
      self.close()
    else:
      self.discard()

  def write(self, frame: np.ndarray) -> None:
    """Appends a frame, uint8 (h, w, 3) in RGB; all frames are of one size.

    Returns before the frame is encoded, having copied it: the caller may use
    the array again. Waits while WAITING frames are ahead of it.

    Raises:
      DataError: the disk is full, or the place has gone; it may be a frame
        before this one that could not be written.
    """
    if not self._is_open:
      raise ValueError(f'{self.path}: closed; no frame can follow')
    size = self._size or frame.shape
    if frame.shape != size or frame.dtype != np.uint8:
      raise ValueError(
        f'{frame.dtype} {frame.shape} in a video of uint8 {size}'
      )
    self._worker.write(frame)
    self._size = size
    self._raise_error()

  def close(self) -> None:
    """Finishes the video and gives it its name; a second call does nothing.

    May be called after any number of frames: the sound ends with them. Ctrl-C
    is raised once the video is whole; pressed again, it gives the video up.

    Raises:
      DataError: no frame was written, the disk is full, or the place has gone.
    """
    if not self._is_open:
      return
    try:
      if self._size is None:
        raise DataError(f'{self.path}: not written, for there was no frame')
      self._worker.close()
      self._raise_error()
    finally:
      self.discard()

  def discard(self) -> None:
    """Removes what was written, unless the video was closed before.

    Waits for the frame that is being encoded, not for those that follow it.
    """
    self._is_open = False
    self._worker.discard()

  def _raise_error(self) -> None:
    error = self._worker.error
    if isinstance(error, FAILURES):
      raise self._failed(error) from None
    if error:
      raise error

  def _failed(self, error: Exception) -> DataError:
    return _unwritable(self.path, error.strerror or error)


def check_place(path: str | os.PathLike) -> None:
  """A look, before long work, at where a video shall go; writes nothing.

  Raises:
    DataError: the path is no name, its suffix is unknown, a folder in use lies
      there, or nothing can be made there.
  """
  place = pathlib.Path(path)
  if not place.name:
    raise DataError(f'{path!r} is no name for a video or a new folder')
  suffix = place.suffix.lower()
  if suffix not in {'', *ENCODINGS}:
    known = ', '.join(ENCODINGS)
    raise DataError(
      f'{place}: cannot write {suffix}; end the name in {known},'
      ' or in nothing for a folder of pictures'
    )
  if place.is_dir() and (suffix or any(place.iterdir())):
    raise DataError(f'{place}: a folder that is in use; name another')
  if place.is_file() and not suffix:
    raise _unwritable(place, 'a file has the name of the folder')
  above = next(parent for parent in place.parents if os.path.exists(parent))
  if not above.is_dir() or not os.access(above, os.W_OK):
    raise _unwritable(place, f'{above} is no folder to write in')


class _Worker:
  """A thread that writes a video, finishes it, and removes what is not whole.

  Ctrl-C strikes the main thread, where it only ends the waiting: nothing is
  ever half written. Nor does it leave a lock behind that nobody will open: a
  SimpleQueue's is never held while Python code runs.
  """

  def __init__(
    self,
    sink: 'VideoEncoder | _Folder',
    partial: pathlib.Path,
    path: pathlib.Path,
  ):
    """Begins; `partial` is what the sink writes, `path` its name in the end."""
    self.error: BaseException | None = None  # what ended the video early
    self._sink, self._partial, self._path = sink, partial, path
    self._frames = queue.SimpleQueue()  # None comes last
    self._places = queue.SimpleQueue()  # one for each frame that may come
    for _ in range(WAITING):
      self._places.put(None)
    self._is_wanted, self._is_over = True, False
    self._end = queue.SimpleQueue()
    self._thread = threading.Thread(target=self._run, daemon=True)
    self._thread.start()

  def write(self, frame: np.ndarray) -> None:
    """Hands over a copy, as soon as there is a place."""
    _taken(self._places)
    self._frames.put(frame.copy())

  def close(self) -> None:
    """Returns when the video is whole and has its name, or `error` is set."""
    self._frames.put(None)
    try:
      self._wait()
    except KeyboardInterrupt:
      self._wait()
      raise

  def discard(self) -> None:
    """Returns when nothing is left but a video that was whole before."""
    self._is_wanted = False
    self._frames.put(None)
    self._wait()

  def _wait(self) -> None:
    # Before Python 3.13 a `join` that Ctrl-C ends takes the thread for ended.
    while not self._is_over:
      _taken(self._end)
    self._thread.join()

  def _run(self) -> None:
    while (frame := self._frames.get()) is not None:
      self._attempt(self._sink.write, frame)
      self._places.put(None)
    self._attempt(self._sink.close)
    self._attempt(os.replace, self._partial, self._path)
    self._attempt(self._sink.abandon, always=True)
    self._attempt(_remove, self._partial, always=True)
    self._is_over = True
    self._end.put(None)

  def _attempt(self, work: Callable, *arguments, always: bool = False) -> None:
    if always or (self._is_wanted and not self.error):
      try:
        work(*arguments)
      except BaseException as error:
        self.error = self.error or error


def _taken(items: queue.SimpleQueue) -> object:
  """The next item, as soon as there is one.

  Looks up now and then: Ctrl-C that comes just before a wait does not end it.
  """
  while True:
    try:
      return items.get(timeout=0.2)
    except queue.Empty:
      continue


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


def _unwritable(path: pathlib.Path, why: object) -> DataError:
  return DataError(f'{path}: cannot be written ({why})')


def _remove(path: pathlib.Path) -> None:
  if path.is_dir():
    shutil.rmtree(path, ignore_errors=True)
  else:
    path.unlink(missing_ok=True)
