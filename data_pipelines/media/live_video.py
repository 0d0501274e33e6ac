"""Frames of a video that is still being sent, such as a camera's."""

import io
import os
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.containers import open_container
from data_pipelines.media.deinterlacing import Deinterlacer
from data_pipelines.media.screen import Screen
from data_pipelines.media.streams import moving_pictures
from data_pipelines.media.timing import FASTEST, STILL_RATE

STANDARD_INPUT = 0  # as the system numbers it
# What libav may look at before the first frame; as much as it likes would be
# seconds of a camera's frames.
_PROBED = {'probesize': '500000', 'analyzeduration': '0'}


class LiveVideo:
  """The frames of a stream, once, each as it comes: uint8 (h, w, 3) RGB.

  The stream is in any format that can be read from its beginning on: Matroska,
  MPEG-TS, or raw frames as YUV4MPEG. One that breaks off gives the frames
  before the break and ends there.

  Attributes:
    name: of the stream, for messages.
    rate: frames per second, as announced, or 25 where that cannot be.
    broken: why it ended early; None as long as it did not.
  """

  def __init__(self, file: io.RawIOBase, name: str):
    """From an unbuffered file, which gives what is there and never waits for
    more than one byte.

    Raises:
      DataError: it is no video.
    """
    self.name, self.broken = name, None
    self._bytes = _Bytes(file)
    try:
      self._container = open_container(self._bytes, _PROBED)
      (stream, *_) = moving_pictures(self._container) or (None,)
    except (av.FFmpegError, OSError):
      stream = None
    self._bytes.raise_interrupt()
    if stream is None:
      raise DataError(
        f'{name}: no video that can be decoded as it comes; send Matroska,'
        ' MPEG-TS or YUV4MPEG'
      )
    announced = (stream.guessed_rate, stream.average_rate)
    believed = (rate for rate in announced if rate and rate <= FASTEST)
    self.rate = Fraction(next(believed, STILL_RATE))
    self._screen = Screen()
    stream.codec_context.thread_type = (
      'SLICE'  # by frames, some wait for others
    )
    self._stream = stream

  def __iter__(self) -> Iterator[np.ndarray]:
    count = 0
    try:
      frames = self._container.decode(self._stream)
      for frame in Deinterlacer().whole(frames):
        self._bytes.raise_interrupt()
        yield self._screen.show(frame, self._stream.sample_aspect_ratio)
        count += 1
    except (av.FFmpegError, OSError):
      self._bytes.raise_interrupt()
      self.broken = DataError(f'{self.name}: breaks off at frame {count}')
    self._bytes.raise_interrupt()


def open_standard_input() -> LiveVideo:
  """What is sent to this process; raises DataError if it is no video."""
  file = os.fdopen(os.dup(STANDARD_INPUT), 'rb', buffering=0)
  return LiveVideo(file, 'standard input')


class _Bytes:
  """A file for libav, which shall not try to seek in it.

  libav goes on reading when Ctrl-C is raised in here. So the file ends there,
  and whoever asks for the next frame gets the interrupt.
  """

  def __init__(self, file: io.RawIOBase):
    self._file, self._is_interrupted = file, False

  def read(self, size: int) -> bytes:
    try:
      return b'' if self._is_interrupted else self._file.read(size) or b''
    except KeyboardInterrupt:
      self._is_interrupted = True
      return b''

  def raise_interrupt(self) -> None:
    if self._is_interrupted:
      raise KeyboardInterrupt
