"""Reads sound of videos and sound files: as stored, decoded, or made AAC."""

import itertools
import logging
import os
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import av

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from data_pipelines.media.opened_file import FAILURES, OpenedFile

logger = logging.getLogger(__name__)


class SoundSource:
  """The soundtrack of a video or sound file, read packet by packet.

  It is the one that players would choose, in the clock of the picture (see
  `opened_file`). Where it is damaged, that part is left out, and a warning
  says so, once.
  """

  def __init__(self, path: str | os.PathLike):
    """Opens the file.

    Raises:
      DataError: no such file, or neither a video nor a sound.
    """
    self.path = pathlib.Path(path)
    pictures.check_file(path, 'sound')
    try:
      self._file = OpenedFile(path)
    except FAILURES:
      raise DataError(
        f'{path}: no sound that can be decoded; give an mp4, mov, mp3 or wav'
      ) from None
    self._is_whole = True
    self._time = Fraction(0)  # how far it was read, seconds
    self.stream = self._file.sound
    if self.stream is None and not self._file.is_silent:
      self.warn()

  @property
  def origin(self) -> Fraction:
    """When the picture, or else the sound, begins: seconds of the clock."""
    return self._file.start

  def packets(self) -> Iterator[av.Packet]:
    """What the file holds, up to where it breaks off."""
    try:
      for packet in self._file.packets(self.stream):
        if not packet.size:
          continue  # libav's sign for the end
        if packet.is_corrupt or packet.pts is None:
          self.warn()
        else:
          self._time = packet.pts * packet.time_base
          yield packet
    except FAILURES:
      self.warn()
    # libav ends quietly where a file is cut off; its index knows better.
    if self._file.is_cut_off(self.stream):
      self.warn()

  def frames(self) -> Iterator[av.AudioFrame]:
    """The same sound, decoded; what cannot be is left out."""
    for packet in itertools.chain(self.packets(), [None]):
      try:
        yield from self.stream.decode(packet)
      except av.FFmpegError:
        self.warn()

  def encode(self, encoder: av.AudioStream) -> Iterator[av.Packet]:
    """The same sound from an encoder, in the clock of the file."""
    # async: gaps become silence, so that what follows comes at its time.
    resampler = av.AudioResampler(
      encoder.format, encoder.layout, encoder.rate, options={'async': '1'}
    )
    for frame in itertools.chain(self.frames(), [None]):
      try:
        resampled = resampler.resample(frame)
      except (av.FFmpegError, ValueError):  # the number of channels changes
        self.warn()
        continue
      for piece in resampled:
        yield from encoder.encode(piece)
    yield from encoder.encode(None)

  def warn(self) -> None:
    """Says that something is left out, unless that was said before."""
    if self._is_whole:
      logger.warning(
        '%s: its sound is damaged at %.1f s; what cannot be read is left out',
        self.path,
        self._time,
      )
    self._is_whole = False

  def close(self) -> None:
    """Closes the file."""
    self._file.close()
