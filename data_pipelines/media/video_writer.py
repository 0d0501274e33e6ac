"""Writes videos as their frames come: mp4, gif, webp, or a folder of png."""

import collections
import contextlib
import os
import pathlib
import weakref
from concurrent import futures
from fractions import Fraction

import av
import numpy as np
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media.video_encoder import (
  ENCODINGS,
  VideoEncoder,
)
from data_pipelines.provenance import comments
from data_pipelines.provenance.mark import Mark
from data_pipelines.provenance.origin import UNTOLD, Origin

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
  The video gets its name only when it is closed. When the block is left by an
  exception, nothing remains, unless `close` was called before: then the frames
  until there make a video that plays. An existing video is replaced.
  A thread encodes while the next frames are made. It keeps at most WAITING of
  them (200 MB at 4K), and ends with the video.
  """

  def __init__(
    self,
    path: str | os.PathLike,
    rate: Fraction | int,
    *,
    crf: int = 16,
    sound: str | os.PathLike | None = None,
    origin: Origin = UNTOLD,
    as_folder: bool = False,
  ):
    """Makes ready to write to `path`.

    Args:
      path: where the video goes; missing folders on the way are made.
      rate: frames per second, kept as a fraction.
      crf: how much an mp4 may lose: 0 nothing, 16 nothing visible, 51 most.
      sound: a video or sound file whose soundtrack an mp4 shall have, in time
        with its pictures and for as long as there are some. A source without
        sound is welcome.
      origin: how the video came about, written into its metadata, hidden in its
        pixels and signed; of a folder, in every picture.
      as_folder: a folder of pictures is written, whatever follows a dot in its
        name.

    Raises:
      DataError: the place cannot be written, the suffix is unknown, or `sound`
        is neither a video nor a sound.
    """
    check_place(path, as_folder=as_folder)
    self.path = pathlib.Path(path)
    with contextlib.ExitStack() as opened:
      partial = opened.enter_context(write_whole(self.path))
      try:
        if self.path.suffix and not as_folder:
          sink = VideoEncoder(partial, Fraction(rate), crf, sound, origin)
        else:
          sink = _Folder(partial, origin)
      except FAILURES as error:
        raise self._unwritable_by(error) from None
      opened.callback(sink.abandon)
      self._worker = _Worker(sink, origin.mark, opened.pop_all())
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
    try:
      self._worker.write(frame)
    except FAILURES as error:
      raise self._unwritable_by(error) from None
    self._size = size

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
    except FAILURES as error:
      raise self._unwritable_by(error) from None
    finally:
      self.discard()

  def discard(self) -> None:
    """Removes what was written, unless the video was closed before.

    Waits for the frame that is being encoded, not for those that follow it.
    """
    self._is_open = False
    self._worker.discard()

  def _unwritable_by(self, error: Exception) -> DataError:
    return _unwritable(self.path, error.strerror or error)


def check_place(path: str | os.PathLike, *, as_folder: bool = False) -> None:
  """A look, before long work, at where a video shall go; writes nothing.

  Args:
    path: where the video goes.
    as_folder: see `VideoWriter`.

  Raises:
    DataError: the path is no name, its suffix is unknown, a folder in use lies
      there, or nothing can be made there.
  """
  place = pathlib.Path(path)
  if not place.name:
    raise DataError(f'{path!r} is no name for a video or a new folder')
  suffix = '' if as_folder else place.suffix.lower()
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
  """One thread that writes a video, finishes it, and removes what is not whole.

  Ctrl-C strikes the main thread and there only ends the waiting: the thread
  always ends what it has begun.
  """

  def __init__(
    self,
    sink: 'VideoEncoder | _Folder',
    mark: Mark | None,
    opened: contextlib.ExitStack,
  ):
    """Takes over `opened`: left well it names the video, else it removes it."""
    self._sink, self._mark, self._opened = sink, mark, opened
    self._pool = futures.ThreadPoolExecutor(1, 'video writer')
    self._waiting: collections.deque[futures.Future] = collections.deque()
    self._end: futures.Future | None = None
    self._is_wanted = True

  def write(self, frame: np.ndarray) -> None:
    """Hands over a copy as soon as there is a place.

    Raises what stopped the writing of an earlier frame.
    """
    while self._waiting and (
      len(self._waiting) >= WAITING or self._waiting[0].done()
    ):
      self._waiting[0].result()
      self._waiting.popleft()
    self._waiting.append(self._pool.submit(self._write, frame.copy()))

  def close(self) -> None:
    """Returns when the video is whole and has its name.

    Raises what stopped the writing.
    """
    whole = self._pool.submit(self._finish)
    try:
      whole.result()
    except KeyboardInterrupt:
      whole.result()
      raise

  def discard(self) -> None:
    """Returns when nothing is left but a video that was whole before."""
    self._is_wanted = False
    if self._end is None:
      try:
        self._end = self._pool.submit(self._let_go)
      except RuntimeError:  # Python itself is ending, and has ended the thread
        self._let_go()
        return
    # Only then may the thread be joined: before Python 3.13 a `join` that
    # Ctrl-C interrupts takes the thread for ended.
    self._end.result()
    self._pool.shutdown()

  def _write(self, frame: np.ndarray) -> None:
    if self._is_wanted:
      try:
        self._sink.write(self._mark(frame) if self._mark else frame)
      except BaseException:
        self._is_wanted = False
        raise

  def _finish(self) -> None:
    for frame in self._waiting:
      frame.result()  # it is done, well or by an error
    self._sink.close()
    if self._is_wanted:
      self._opened.close()

  def _let_go(self) -> None:
    """Leaves `opened` as an exception would, unless it was left before."""
    with contextlib.suppress(futures.CancelledError), self._opened:
      raise futures.CancelledError


class _Folder:
  """Numbered pictures."""

  def __init__(self, path: pathlib.Path, origin: Origin):
    self._path, self._origin = path, origin
    self._options = comments.picture_options('.png', origin.comment)
    self._count = 0
    path.mkdir()

  def write(self, frame: np.ndarray) -> None:
    picture = self._path / f'{self._count:06d}.png'
    Image.fromarray(frame).save(picture, compress_level=3, **self._options)
    self._origin.seal(picture)
    self._count += 1

  def close(self) -> None:
    pass

  abandon = close


def _unwritable(path: pathlib.Path, why: object) -> DataError:
  return DataError(f'{path}: cannot be written ({why})')
