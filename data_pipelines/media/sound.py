"""Carries the sound of one video over into another.

Codecs that mp4 players know are copied packet by packet, bit for bit; anything
else becomes AAC. Time counts from the first picture of the video that the sound
comes from, so that lips and voice stay together.
"""

import io
import os
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import av

from data_pipelines.media.file_kinds import Kind, is_animation, kind_of
from data_pipelines.media.opened_file import OpenedFile
from data_pipelines.media.sound_source import SoundSource

COPIED = frozenset({'aac', 'ac3', 'alac', 'eac3', 'flac', 'mp3', 'opus'})
AAC_RATES = frozenset({48000, 44100, 32000, 24000, 22050, 16000, 8000})  # hertz
AAC_BITS = 3  # per sample and channel, on average
# What a decoder wants to have heard before the first sample that counts: Opus
# 80 ms, some makes of AAC 120 ms. Players skip it, as the video tells them to.
LEAD_IN = Fraction(1, 8)  # seconds
BAD_PACKET = (av.ArgumentError, av.InvalidDataError, av.PatchWelcomeError)


def open_sound(
  path: str | os.PathLike, video: av.container.OutputContainer
) -> 'Sound | None':
  """Returns the soundtrack of a video or sound file, to go into `video`.

  Args:
    path: a video, a sound file, or what has no sound: pictures, or a folder.
    video: libav's container; its header may not yet be written.

  Returns:
    None where there is no sound.

  Raises:
    DataError: no such file, or neither a video nor a sound.
  """
  path = pathlib.Path(path)
  if path.is_dir() or is_animation(path) or kind_of(path) is Kind.PICTURE:
    return None
  source = SoundSource(path)
  if source.stream is None:
    source.close()
    return None
  return Sound(source, video)


class Sound:
  """A soundtrack on its way into a video.

  No more of it is read than one packet beyond what was asked for: memory does
  not grow with the video.
  """

  def __init__(self, source: SoundSource, video: av.container.OutputContainer):
    """Adds a stream to `video`; see `open_sound`."""
    self._source, self._video = source, video
    if _can_be_copied(source):
      self._stream = video.add_stream_from_template(source.stream)
      packets = source.packets()
    else:
      self._stream = _aac_stream(source.stream, video)
      packets = source.encode(self._stream)
    self._packets = _in_time(packets, source.origin, source.stream.rate)
    self._waiting = next(self._packets, None)

  def write(self, until: Fraction) -> None:
    """Writes the packets that end by `until`, seconds of the video."""
    while self._waiting and _end(self._waiting) <= until:
      packet, self._waiting = self._waiting, next(self._packets, None)
      self._mux(packet)

  def finish(self, end: Fraction) -> None:
    """Writes what sounds before `end`, seconds: no more, no less."""
    self.write(end)
    packet = self._waiting
    if packet and _start(packet) < end:
      packet.duration = round((end - _start(packet)) / packet.time_base)
      self._mux(packet)
    self.close()

  def close(self) -> None:
    """Closes the file that the sound comes from."""
    self._waiting = None
    self._source.close()

  def _mux(self, packet: av.Packet) -> None:
    packet.stream = self._stream
    try:
      self._video.mux(packet)
    except BAD_PACKET:
      self._source.warn()


def _can_be_copied(source: SoundSource) -> bool:
  """Whether mp4 takes the sound as it is; tried out, for codecs have dialects.

  Otherwise the video would fail only when it is closed, after all the work.
  """
  if source.stream.codec_context.codec.canonical_name not in COPIED:
    return False
  with (
    OpenedFile(source.path) as again,
    av.open(io.BytesIO(), 'w', format='mp4') as trial,
  ):
    try:
      stream = trial.add_stream_from_template(again.sound)
      packet = next(again.packets(again.sound))
      packet.stream = stream
      trial.mux(packet)
      trial.close()
    except av.FFmpegError:
      return False
  return True


def _in_time(
  packets: Iterator[av.Packet], origin: Fraction, rate: int
) -> Iterator[av.Packet]:
  """Packets in the video's time, from shortly before its begin.

  A packet that does not come at least one sample after the last one is left
  out: mp4 needs rising times.
  """
  last = None
  for packet in packets:
    packet.pts -= round(origin / packet.time_base)
    packet.dts = packet.pts
    start = _start(packet)
    is_late = last is not None and start - last < Fraction(1, rate)
    if not is_late and _end(packet) > -LEAD_IN:
      last = start
      yield packet


def _start(packet: av.Packet) -> Fraction:
  return packet.pts * packet.time_base


def _end(packet: av.Packet) -> Fraction:
  return (packet.pts + (packet.duration or 0)) * packet.time_base


def _aac_stream(
  stream: av.AudioStream, video: av.container.OutputContainer
) -> av.AudioStream:
  rate = stream.rate if stream.rate in AAC_RATES else 48000
  channels = min(stream.channels, 2)
  encoder = video.add_stream('aac', rate, bit_rate=AAC_BITS * rate * channels)
  encoder.layout = 'mono' if channels == 1 else 'stereo'
  return encoder
