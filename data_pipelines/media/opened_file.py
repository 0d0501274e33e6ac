"""A video or sound file, opened as players do.

Which of its streams is the picture and which the sound is chosen here, once for
whoever reads one or the other, and the time stamps of both are those of one
clock.
"""

import mmap
import os
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import av
from av.stream import Discard

from data_pipelines.media.clock import Clock
from data_pipelines.media.containers import open_container
from data_pipelines.media.streams import choose_sound, moving_pictures

FAILURES = (av.FFmpegError, OSError)
LATE = 1  # second: how much longer another picture must last to be told of
# How files begin that libav reads up to the end of the first, where several
# were joined; by a part of the format's name.
_BEGINS = {'mp4': b'ftyp', 'flv': b'FLV\x01'}


class OpenedFile:
  """A file's picture and sound; a context manager.

  Attributes:
    path: where it lies.
    picture: the stream that is shown; None where there is none: a cover is not.
    sound: the stream that is heard; None where there is none, or none that can
      be decoded.
    is_silent: whether there is no sound of any kind.
    clock: the clock of both, as far as the file was read.
    notes: what of it is left out, as far as that is known: lines for the user.
  """

  def __init__(self, path: str | os.PathLike):
    """Opens a file.

    Raises:
      av.FFmpegError, OSError: there is no such file, or libav cannot read it.
    """
    self.path = pathlib.Path(path)
    self._container = open_container(self.path)
    self.picture, *self._others = moving_pictures(self._container) or [None]
    self.sound = choose_sound(self._container, self.picture)
    self.is_silent = not self._container.streams.audio
    self.clock = Clock(self._container)
    self.notes: list[str] = []
    self._read = 0  # bytes: where the last packet ends
    read = (self.picture, self.sound, *self._others)
    for stream in self._container.streams:
      stream.discard = Discard.default if stream in read else Discard.all

  def __enter__(self) -> 'OpenedFile':
    return self

  def __exit__(self, *error) -> None:
    self.close()

  @property
  def start(self) -> Fraction:
    """When the picture begins, or else the sound: seconds of the clock."""
    stream = self.picture or self.sound
    return (stream.start_time or 0) * stream.time_base

  def packets(self, wanted: av.stream.Stream) -> Iterator[av.Packet]:
    """The packets of one stream in the one clock; the last one is empty.

    Raises:
      av.FFmpegError, OSError: the file breaks off.
    """
    both = [stream for stream in (self.picture, self.sound) if stream]
    after = []  # times of other pictures since the last one of ours
    for packet in self._container.demux(*both, *self._others):
      if packet.stream in both:
        if packet.size:
          self.clock.move(packet)
          self._read = max(self._read, (packet.pos or 0) + packet.size)
        if packet.stream is wanted:
          after = after if not packet.size else []
          yield packet
      elif packet.size and packet.dts is not None:
        after.append(packet.dts * packet.time_base)
    if wanted is self.picture and after and after[-1] - after[0] > LATE:
      self.notes.append(
        f'has another picture from {float(after[0]):.1f} s on, which is left'
        ' out; give each part as a file of its own'
      )

  def seek(self, time: Fraction) -> None:
    """Goes to the last key picture before a time, seconds as stored."""
    goal = int(time / self.picture.time_base)
    self._container.seek(goal, stream=self.picture)

  def is_cut_off(self, stream: av.stream.Stream) -> bool:
    """Whether a stream's index tells of more than the file holds."""
    ends = [entry.pos + entry.size for entry in stream.index_entries]
    return max(ends, default=0) > self._container.size

  def look_for_rest(self) -> None:
    """Notes where a file holds another one, of which nothing is read."""
    names = self._container.format.name.split(',')
    begin = next((_BEGINS[name] for name in names if name in _BEGINS), None)
    ends = [
      entry.pos + entry.size
      for stream in self._container.streams
      for entry in stream.index_entries
    ]
    end = max([self._read, *ends])
    if begin is None or not 0 < end < self._container.size:
      return
    with (
      open(self.path, 'rb') as file,
      mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
      place = content.find(begin, end)
    if place >= 0:
      share = 100 * place / self._container.size
      self.notes.append(
        f'another video begins {share:.0f} % into it and is left out; give'
        ' each part as a file of its own'
      )

  def close(self) -> None:
    """Closes the file."""
    self._container.close()
