"""A video file whose frames libav decodes."""

import contextlib
import functools
import logging
import os
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import av

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from data_pipelines.media.deinterlacing import Deinterlacer
from data_pipelines.media.opened_file import FAILURES, OpenedFile
from data_pipelines.media.screen import Screen
from data_pipelines.media.timing import Timed, Timing, find_timing

logger = logging.getLogger(__name__)

LONGEST_STILL = 600  # seconds: a clock that jumps further is broken
LARGEST = 2**27  # pixels of a frame, 16384 x 8192: a larger one is an error
_SHOWN = 0x10  # in a VP8 frame's first byte: not one to predict others from


class DecodedVideo:
  """A video file, opened once; its frames can be gone through many times.

  Attributes:
    timing: its rate, start and length, measured.
    size: (height, width) of all its frames, upright.
    notes: what of it is left out or not believed: lines for the user, which
      the log has already told.
  """

  def __init__(self, path: str | os.PathLike):
    """Measures the file and decodes its first frame.

    Raises:
      DataError: there is no such file, no picture in it, or none that decodes.
    """
    self._path = pathlib.Path(path)
    self._screen = Screen()
    with self._open() as opened:
      self.timing = _measure(opened)
      opened.look_for_rest()
      self._is_joined = opened.clock.parts > 1
      notes = opened.notes
    frames = self.timed(threads=1)
    try:
      first = next(frames, None)
    finally:
      frames.close()
    if first is None:
      raise DataError(f'{path}: holds no frame; export it again')
    self.size = first[-1]().shape[:2]
    self.notes = [*notes, *self._screen.notes]
    for note in self.notes:
      logger.warning('%s: %s', path, note)

  @property
  def sizes_differ(self) -> bool:
    """Whether a frame so far had another size than the first one."""
    return self._screen.sizes_differ

  def timed(
    self, threads: int, start: Fraction = Fraction(0)
  ) -> Iterator[Timed]:
    """The frames, at the latest from the one that is shown at `start`.

    Raises:
      DataError: the file breaks off.
    """
    if not start or self._is_joined:
      yield from self._decode(threads)
      return
    is_first = True
    for time, duration, pixels in self._decode(threads, start):
      if is_first and time > start:
        break  # sought too far: some files lead astray
      is_first = False
      yield time, duration, pixels
    if is_first:
      yield from self._decode(threads)

  def _decode(
    self, threads: int, start: Fraction | None = None
  ) -> Iterator[Timed]:
    count, last = 0, None
    with self._open() as opened:
      picture = opened.picture
      picture.thread_type, picture.thread_count = 'AUTO', threads
      usual = 1 / self.timing.rate
      try:
        if start is not None:
          opened.seek(self.timing.start + start)
        for frame in Deinterlacer().whole(_frames(opened)):
          stamp = frame.pts if frame.pts is not None else frame.dts
          if stamp is None:
            time = count * usual
          else:
            time = stamp * frame.time_base - self.timing.start
          if last is not None and abs(time - last) > LONGEST_STILL:
            raise self._break(count)
          duration = (frame.duration or 0) * frame.time_base or usual
          aspect = picture.sample_aspect_ratio
          show = functools.partial(self._screen.show, frame, aspect)
          yield time, duration, show
          count, last = count + 1, time
      except FAILURES:
        raise self._break(count) from None
      # libav ends quietly where a file is cut off; its index knows better.
      if count and opened.is_cut_off(picture):
        raise self._break(count)

  def _break(self, count: int) -> DataError:
    return DataError(
      f'{self._path}: breaks off at frame {count}; copy or export it again'
    )

  def _open(self) -> OpenedFile:
    pictures.check_file(self._path, 'video')
    try:
      opened = OpenedFile(self._path)
    except FAILURES:
      with open(self._path, 'rb') as file:
        has_mp4_header = file.read(8)[4:] == b'ftyp'
      why = (
        'cut short, its index (moov) is missing; copy or export it again'
        if has_mp4_header
        else 'not a video that can be decoded; give an mp4, mov, avi or webm'
      )
      raise DataError(f'{self._path}: {why}') from None
    if opened.picture is None:
      opened.close()
      raise DataError(
        f'{self._path}: holds sound but no pictures; give a video'
      )
    if opened.picture.width * opened.picture.height > LARGEST:
      opened.close()
      raise DataError(
        f'{self._path}: says that it is {opened.picture.width} x'
        f' {opened.picture.height} pixels large; scale it down'
      )
    return opened


def _frames(opened: OpenedFile) -> Iterator[av.VideoFrame]:
  has_begun = False
  for packet in opened.packets(opened.picture):
    try:
      for frame in packet.decode():
        has_begun = True
        yield frame
    except av.InvalidDataError:
      if has_begun:
        raise
      # A broadcast is joined midway, before its first key picture.


def _measure(opened: OpenedFile) -> Timing:
  """The timing of a file's frames, from a whole index or else all packets."""
  picture = opened.picture
  announced = picture.guessed_rate, picture.average_rate, picture.base_rate
  index = picture.index_entries
  if len(index) == picture.frames > 0:
    times = [entry.timestamp for entry in index if not entry.is_discard]
    timing = find_timing(times, picture.time_base, 0, announced)
    return timing._replace(start=opened.start)
  durations, count = {}, 0  # of each time
  # Whoever decodes a broken file comes to that place again, and says so.
  with contextlib.suppress(*FAILURES):
    for packet in opened.packets(picture):
      if not packet.size or packet.is_discard or _is_hidden(packet):
        continue
      count += 1
      time = packet.pts if packet.pts is not None else packet.dts
      if time is not None:
        durations[time] = packet.duration or 0
  last = durations[max(durations)] if durations else 0
  timing = find_timing(durations, picture.time_base, last, announced)
  if not durations:  # a raw stream: its frames come one after the other
    timing = timing._replace(duration=count / timing.rate)
  return timing._replace(start=opened.start)


def _is_hidden(packet: av.Packet) -> bool:
  """Whether a packet's frame is never shown: VP8 has some to predict from."""
  is_vp8 = packet.stream.codec_context.name == 'vp8'
  return is_vp8 and not bytes(packet)[0] & _SHOWN
