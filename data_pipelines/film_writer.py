"""Writes films as their frames come: mp4, gif, webp, or a folder of png."""

import contextlib
import os
import pathlib
import shutil
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from data_pipelines.errors import DataError

BT709 = 1  # libav's number for matrix, primaries and transfer alike
FAILURES = (OSError, av.FFmpegError)
LIMITED = 1  # luma from 16 to 235, as players expect


class FilmWriter:
  """Writes frames to a film; a context manager.

    with FilmWriter('out.mp4', rate=Fraction(30000, 1001)) as film:
      film.write(frame)

  The path's suffix decides: .mp4 (H.264, yuv420p; an odd row or column is
  doubled, for the format knows only even sizes), .gif (256 colours a frame),
  .webp (kept in memory until it is closed: its encoder wants all frames), or
  none: a folder of lossless 000000.png, 000001.png, ...
  The film bears its name only once it is whole: when the block is left by an
  exception, nothing remains. An existing film is replaced.
  """

  def __init__(
    self, path: str | os.PathLike, rate: Fraction | int, *, crf: int = 16
  ):
    """Makes ready to write to `path`.

    Args:
      path: where the film goes; missing folders on the way are made.
      rate: frames per second, kept as a fraction.
      crf: how much an mp4 may lose: 0 nothing, 16 nothing visible, 51 most.

    Raises:
      DataError: the place cannot be written, or the suffix is unknown.
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
        self._sink = _Encoder(self._partial, Fraction(rate), crf)
      else:
        self._sink = _Folder(self._partial)
    except FAILURES as error:
      raise self._failed(error) from None
    self._size = None

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
    if self._size is None:
      self._size = frame.shape
    if frame.shape != self._size or frame.dtype != np.uint8:
      raise ValueError(
        f'{frame.dtype} {frame.shape} in a film of uint8 {self._size}'
      )
    try:
      self._sink.write(frame)
    except FAILURES as error:
      raise self._failed(error) from None

  def close(self) -> None:
    """Finishes the film and gives it its name.

    Raises:
      DataError: no frame was written, the disk is full, or the place has gone.
    """
    if self._size is None:
      self.discard()
      raise DataError(f'{self.path}: not written, for there was no frame')
    try:
      self._sink.close()
      os.replace(self._partial, self.path)
    except FAILURES as error:
      self.discard()
      raise self._failed(error) from None

  def discard(self) -> None:
    """Removes what was written."""
    self._sink.abandon()
    if self._partial.is_dir():
      shutil.rmtree(self._partial, ignore_errors=True)
    else:
      self._partial.unlink(missing_ok=True)

  def _failed(self, error: Exception) -> DataError:
    return DataError(f'{self.path}: cannot be written ({error.strerror})')


class _Folder:
  """Numbered pictures."""

  def __init__(self, path: pathlib.Path):
    self._path = path
    self._count = 0
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()

  def write(self, frame: np.ndarray) -> None:
    picture = Image.fromarray(frame)
    picture.save(self._path / f'{self._count:06d}.png', compress_level=3)
    self._count += 1

  def close(self) -> None:
    pass

  abandon = close


class _Encoder:
  """A file that libav encodes."""

  def __init__(self, path: pathlib.Path, rate: Fraction, crf: int):
    codec, self._prepare, options = ENCODINGS[path.suffix.lower()]
    options = {k: v.format(crf=crf) for k, v in options.items()}
    self._container = av.open(
      str(path), 'w', container_options=MUXING.get(codec, {})
    )
    rate = rate.limit_denominator(100_000)
    self._stream = self._container.add_stream(codec, rate, options=options)
    self._count = 0

  def write(self, frame: np.ndarray) -> None:
    image = self._prepare(frame)
    if not self._count:
      self._stream.width, self._stream.height = image.width, image.height
      self._stream.pix_fmt = image.format.name
      if image.format.name == 'yuv420p':
        context = self._stream.codec_context
        context.colorspace = context.color_primaries = BT709
        context.color_trc, context.color_range = BT709, LIMITED
    image.pts = self._count
    self._container.mux(self._stream.encode(image))
    self._count += 1

  def close(self) -> None:
    self._container.mux(self._stream.encode())
    self._container.close()

  def abandon(self) -> None:
    # The file is removed next: what it lacks does not matter.
    with contextlib.suppress(av.FFmpegError, OSError):
      self._container.close()


def _yuv420p(frame: np.ndarray) -> av.VideoFrame:
  height, width = frame.shape[:2]
  frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode='edge')
  return av.VideoFrame.from_ndarray(frame, format='rgb24').reformat(
    format='yuv420p',
    dst_colorspace=Colorspace.ITU709,
    dst_color_range=ColorRange.MPEG,
  )


def _pal8(frame: np.ndarray) -> av.VideoFrame:
  picture = Image.fromarray(frame).quantize(256)
  colours = np.reshape(picture.getpalette('RGB'), (-1, 3))
  palette = np.full((256, 4), 255, np.uint8)  # alpha, red, green, blue
  palette[: len(colours), 1:] = colours
  return av.VideoFrame.from_ndarray(
    (np.asarray(picture), palette), format='pal8'
  )


def _bgra(frame: np.ndarray) -> av.VideoFrame:
  image = av.VideoFrame.from_ndarray(frame, format='rgb24')
  return image.reformat(format='bgra')


# Suffix: libav's encoder, what makes its frames, its options.
ENCODINGS = {
  '.mp4': ('libx264', _yuv420p, {'crf': '{crf}'}),
  '.gif': ('gif', _pal8, {}),
  '.webp': ('libwebp_anim', _bgra, {'quality': '90'}),
}
# An mp4's index goes first, so that browsers play it while it loads.
MUXING = {'libx264': {'movflags': 'faststart'}, 'libwebp_anim': {'loop': '0'}}
