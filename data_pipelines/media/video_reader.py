"""Reads videos one frame at a time: memory does not grow with them.

A video is a file (mp4, mov, avi, mkv, webm, ...), an animated gif or webp,
a folder of pictures in the natural order of their names, or a single picture.
Frames come upright, all of the size of the first, in sRGB. They come as they
are stored, each once; at the video's own rate, by which everything that moves
is seen; or at a rate of your choice, by the times at which they are shown.
"""

import os
import pathlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import timed_frames
from data_pipelines.media.constant_rate import NEAREST, SLACK, at_rate


class Probe(NamedTuple):
  """What a video is, measured rather than believed."""

  width: int  # of the upright picture, pixels
  height: int
  rate: Fraction  # frames per second at which all that moves is seen
  frames: int  # at that rate, unless the file breaks off


class Video:
  """The frames of a video, in order; going through it again starts anew.

  Iterating gives uint8 (h, w, 3) RGB. A video that breaks off, cut short or
  damaged, gives the frames before the break and ends there.

  Attributes:
    path: where it lies.
    probe: its size, rate and length.
    notes: what of it is left out or not believed, a line each.
    broken: why it ended early, naming the frame; None as long as no pass has
      come to a break.
  """

  def __init__(
    self,
    path: str | os.PathLike,
    threads: int = 0,
    rate: Fraction | float | None = None,
    start: float = 0,
    end: float | None = None,
  ):
    """See `read`."""
    self.path = pathlib.Path(path)
    self._source = timed_frames.open_timed(path)
    (height, width), timing = self._source.size, self._source.timing
    self.probe = Probe(width, height, timing.rate, timing.frames)
    self.notes: list[str] = self._source.notes
    self.broken: DataError | None = None
    self._threads = threads
    self._rate = None if rate is None else Fraction(rate)
    self._start = Fraction(start)
    self._end = None if end is None else Fraction(end)

  @property
  def rate(self) -> Fraction:
    """Frames per second."""
    return self._rate or self.probe.rate

  @property
  def sizes_differ(self) -> bool:
    """Whether a frame so far had another size than the first one."""
    return self._source.sizes_differ

  def __iter__(self) -> Iterator[np.ndarray]:
    """The frames; raises DataError when not even the first one can be read."""
    if self._rate is not None:
      return self.at(self._rate)
    return self._until_break(pixels for _, _, pixels in self._timed())

  def at(self, rate: Fraction | float) -> Iterator[np.ndarray]:
    """The frames at a steady rate, whatever that of the video is.

    Raises:
      DataError: not even the first one can be read.
    """
    # At the video's own rate each tick has its frame, which may come a little
    # early or late; else a tick has what is shown then.
    is_own = rate == self.probe.rate and not self._start
    slack = NEAREST if is_own else SLACK
    timed = self._timed()
    return self._until_break(
      at_rate(timed, Fraction(rate), self._start, self._end, slack)
    )

  def spread(self, count: int) -> Iterator[np.ndarray]:
    """About `count` frames, evenly spread over the video; never more than all.

    Raises:
      DataError: not even the first one can be read.
    """
    sparse = count * self.probe.rate / self.probe.frames
    return self.at(min(self.probe.rate, sparse))

  def _timed(self) -> Iterator[timed_frames.Timed]:
    return self._source.timed(self._threads, self._start)

  def _until_break(
    self, frames: Iterator[Callable[[], np.ndarray]]
  ) -> Iterator[np.ndarray]:
    is_first = True
    try:
      for pixels in frames:
        yield pixels()
        is_first = False
    except DataError as error:
      if is_first:
        raise
      self.broken = error


class SteadyVideo(Video):
  """A whole video at its own rate, so that sound stays with its frames."""

  def __init__(self, path: str | os.PathLike):
    """Raises DataError: see `probe`."""
    super().__init__(path)
    self._rate = self.probe.rate


def read(
  path: str | os.PathLike,
  *,
  threads: int = 0,
  rate: Fraction | float | None = None,
  start: float = 0,
  end: float | None = None,
) -> Video:
  """Opens a video.

  Args:
    path: a file, an animation, a folder of pictures or a picture.
    threads: how many decode; 0 leaves it to libav.
    rate: frames per second: those shown at `start`, 1 / rate later, ..., with
      repetitions where the video has fewer. None: every frame once.
    start: with a rate: where to begin, seconds after the video's first frame.
    end: with a rate: where to stop, seconds; None: at the end of the video.

  Raises:
    DataError: see `probe`.
  """
  if rate is None and (start or end is not None):
    raise ValueError('an interval of a video is read at a rate; give one')
  return Video(path, threads, rate, start, end)


def probe(path: str | os.PathLike) -> Probe:
  """Returns size, rate and length of a video; decodes its first frame.

  Raises:
    DataError: no such file, no video, no pictures in it, or none that decodes.
  """
  return Video(path).probe
