"""The frames of videos of every kind, and when each of them is shown.

A kind of video is a class with `timing`; `size`, (height, width) of its frames;
`notes`, what of it is left out; `sizes_differ`, whether a frame so far had to
be scaled to `size`; and `timed(threads, start)`, its frames in order, at the
latest from the one that is shown at `start`.
"""

import functools
import os
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures, timing
from data_pipelines.media.decoded_video import DecodedVideo
from data_pipelines.media.file_kinds import Kind, is_animation, kind_of
from data_pipelines.media.folders import list_frames
from data_pipelines.media.picture_depths import FORMATS
from data_pipelines.media.screen import fit
from data_pipelines.media.timing import STILL_RATE, Timed, Timing

_MILLISECOND = Fraction(1, 1000)


def open_timed(path: str | os.PathLike) -> 'DecodedVideo | Animation | Stills':
  """Opens a video of any kind, by what it holds.

  Raises:
    DataError: no such file, no video, no pictures in it, or none that decodes.
  """
  path = pathlib.Path(path)
  if path.is_dir():
    return Stills(list_frames(path))
  pictures.check_file(path, 'video')
  if is_animation(path):
    return Animation(path)
  if kind_of(path) is Kind.PICTURE:
    return Stills([path])
  return DecodedVideo(path)


class Stills:
  """Pictures one after the other, all in the size of the first."""

  def __init__(self, paths: list[pathlib.Path]):
    """Raises DataError when the first one cannot be read."""
    self._paths, self.notes, self.sizes_differ = paths, [], False
    self.size = pictures.read_picture(paths[0]).shape[:2]
    self.timing = Timing(STILL_RATE, Fraction(0), len(paths) / STILL_RATE)

  def timed(
    self, threads: int, start: Fraction = Fraction(0)
  ) -> Iterator[Timed]:
    """The frames; reading one of them may raise DataError."""
    for index, path in enumerate(self._paths):
      read_one = functools.partial(self._read, path)
      yield index / STILL_RATE, 1 / STILL_RATE, read_one

  def _read(self, path: pathlib.Path) -> np.ndarray:
    picture = pictures.read_picture(path)
    self.sizes_differ |= picture.shape[:2] != self.size
    return fit(picture, self.size)


class Animation:
  """A gif, or a webp or png that moves; its frames last as they like."""

  def __init__(self, path: pathlib.Path):
    """Raises DataError when not even the first frame can be read."""
    self._path, self.notes, self.sizes_differ = path, [], False
    times, time = [], 0
    try:
      with Image.open(path, formats=FORMATS) as picture:
        self.size = pictures.rgb(picture).shape[:2]
        for index in range(picture.n_frames):
          picture.seek(index)
          picture.load()  # only then does a webp know its duration
          times.append(time)
          time += _milliseconds(picture)
    except (*pictures.BROKEN, EOFError):
      if not times:
        raise DataError(f'{path}: not an animation that can be read') from None
    last = time - times[-1]
    self.timing = timing.find_timing(times, _MILLISECOND, last)

  def timed(
    self, threads: int, start: Fraction = Fraction(0)
  ) -> Iterator[Timed]:
    """The frames; raises DataError where the file breaks off."""
    index, time = 0, Fraction(0)
    try:
      with Image.open(self._path, formats=FORMATS) as picture:
        for index in range(picture.n_frames):
          picture.seek(index)
          image = pictures.rgb(picture)
          duration = _milliseconds(picture) * _MILLISECOND
          # The picture moves on, so the pixels must be had now.
          yield time, duration, functools.partial(np.asarray, image)
          time += duration
    except (*pictures.BROKEN, EOFError):
      raise DataError(
        f'{self._path}: breaks off at frame {index}; copy or export it again'
      ) from None


def _milliseconds(picture: Image.Image) -> int:
  # As browsers do, a frame of no duration is shown for a tenth of a second.
  return round(picture.info.get('duration', 0)) or 100
