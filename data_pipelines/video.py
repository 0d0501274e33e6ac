"""Reads and writes films, one frame at a time: memory does not grow with them.

A film is a video file (mp4, mov, avi, mkv, webm, ...), an animated gif or webp,
a folder of pictures in the natural order of their names, or a single picture.
Frames come as they are stored, upright; a film's rate is its mean rate.
"""

import os
import pathlib
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from PIL import Image

from data_pipelines import pictures
from data_pipelines.errors import DataError
from data_pipelines.film_writer import FilmWriter

__all__ = ['SUFFIXES', 'Film', 'FilmWriter', 'Probe', 'probe', 'read']

SUFFIXES = frozenset(
  {'.mp4', '.m4v', '.mov', '.avi', '.mkv', '.webm', '.mpg', '.mpeg', '.gif'}
)
STILL_RATE = Fraction(25)  # pictures know no rate


class Probe(NamedTuple):
  """What a film says of itself."""

  width: int  # of the upright picture, pixels
  height: int
  rate: Fraction  # frames per second
  frames: int  # as announced: an estimate where the file holds no index


class Film:
  """The frames of a film, in order; iterating again starts from the first.

  Iterating gives uint8 (h, w, 3) RGB. A film that breaks off gives the frames
  before the break and then raises DataError, which names the frame: who can
  live with less keeps what came before.
  """

  def __init__(self, path: str | os.PathLike, threads: int = 0):
    self.path = pathlib.Path(path)
    self.probe = probe(path)
    self._threads = threads

  @property
  def rate(self) -> Fraction:
    """Frames per second."""
    return self.probe.rate

  def __iter__(self) -> Iterator[np.ndarray]:
    return _frames(self.path, self._threads)


def read(path: str | os.PathLike, *, threads: int = 0) -> Film:
  """Opens a film, to be decoded by so many threads; 0 leaves it to libav.

  Raises:
    DataError: see `probe`.
  """
  return Film(path, threads)


def probe(path: str | os.PathLike) -> Probe:
  """Returns size, rate and length of a film, having decoded its first frame.

  Raises:
    DataError: no such file, no film, no pictures in it, or none that decodes.
  """
  path = pathlib.Path(path)
  rate, announced = _timing(path)
  frames = _frames(path, threads=1)
  try:
    first = next(frames, None)
  finally:
    frames.close()
  if first is None:
    raise DataError(f'{path}: holds no frame; export it again')
  height, width = first.shape[:2]
  return Probe(width, height, rate, max(announced, 1))


def natural_order(name: str) -> list:
  """A key that sorts 'frame10' after 'frame9'."""
  parts = re.split(r'(\d+)', name)
  return [int(p) if p.isdecimal() else p.casefold() for p in parts] + [name]


def _timing(path: pathlib.Path) -> tuple[Fraction, int]:
  """A film's rate and its number of frames, as announced."""
  if path.is_dir():
    return STILL_RATE, len(_folder(path))
  pictures.check_file(path, 'film')
  if _is_animation(path):
    return _animation_timing(path)
  if path.suffix.lower() in pictures.SUFFIXES:
    return STILL_RATE, 1
  with _opened(path) as container:
    stream = container.streams.video[0]
    rate = stream.average_rate or stream.guessed_rate or STILL_RATE
    announced = stream.frames
    if not announced and container.duration:
      announced = round(container.duration / av.time_base * rate)
    return rate, announced


def _frames(path: pathlib.Path, threads: int) -> Iterator[np.ndarray]:
  if path.is_dir():
    yield from map(pictures.read_picture, _folder(path))
  elif _is_animation(path):
    yield from _animation(path)
  elif path.suffix.lower() in pictures.SUFFIXES:
    yield pictures.read_picture(path)
  else:
    yield from _decoded(path, threads)


def _folder(path: pathlib.Path) -> list[pathlib.Path]:
  found = [
    p
    for p in path.iterdir()
    if p.suffix.lower() in pictures.SUFFIXES and not p.name.startswith('.')
  ]
  if not found:
    raise DataError(f'{path}: a folder without frames (png, jpg or webp files)')
  return sorted(found, key=lambda p: natural_order(p.name))


def _is_animation(path: pathlib.Path) -> bool:
  if path.suffix.lower() == '.gif':
    return True
  if path.suffix.lower() not in {'.webp', '.png'}:
    return False
  try:
    with Image.open(path) as picture:
      return getattr(picture, 'is_animated', False)
  except pictures.BROKEN:
    return False  # reading it as a picture will say what is wrong


def _animation_timing(path: pathlib.Path) -> tuple[Fraction, int]:
  """The mean rate: frames of a gif may each last as long as they like."""
  milliseconds = count = 0
  try:
    with Image.open(path) as picture:
      for count in range(1, picture.n_frames + 1):
        picture.seek(count - 1)
        picture.load()  # only then does a webp know its duration
        # As browsers do, a frame of no duration is shown for a tenth.
        milliseconds += round(picture.info.get('duration', 0)) or 100
  except (*pictures.BROKEN, EOFError):
    if not count:
      raise DataError(f'{path}: not an animation that can be read') from None
  return Fraction(1000 * count, milliseconds or 100), count


def _animation(path: pathlib.Path) -> Iterator[np.ndarray]:
  index = 0
  try:
    with Image.open(path) as picture:
      for index in range(picture.n_frames):
        picture.seek(index)
        yield pictures.rgb(picture)
  except (*pictures.BROKEN, EOFError):
    raise _broken_off(path, index) from None


def _decoded(path: pathlib.Path, threads: int) -> Iterator[np.ndarray]:
  count = 0
  with _opened(path) as container:
    stream = container.streams.video[0]
    stream.thread_type, stream.thread_count = 'AUTO', threads
    try:
      for frame in container.decode(stream):
        yield _upright(frame, stream.sample_aspect_ratio or 1)
        count += 1
    except (av.FFmpegError, OSError):
      raise _broken_off(path, count) from None
    # libav ends quietly where a file is cut off; its index knows better.
    ends = [entry.pos + entry.size for entry in stream.index_entries]
    if max(ends, default=0) > os.path.getsize(path):
      raise _broken_off(path, count)


def _broken_off(path: pathlib.Path, count: int) -> DataError:
  return DataError(
    f'{path}: breaks off at frame {count}; copy or export it again'
  )


def _opened(path: pathlib.Path) -> av.container.InputContainer:
  pictures.check_file(path, 'film')
  try:
    container = av.open(str(path), metadata_errors='replace')
  except (av.FFmpegError, OSError):
    with open(path, 'rb') as file:
      has_mp4_header = file.read(8)[4:] == b'ftyp'
    why = (
      'cut short, its index (moov) is missing; copy or export it again'
      if has_mp4_header
      else 'not a film that can be decoded; give an mp4, mov, avi, webm or gif'
    )
    raise DataError(f'{path}: {why}') from None
  if not container.streams.video:
    container.close()
    raise DataError(f'{path}: holds sound but no pictures; give a film')
  return container


def _upright(frame: av.VideoFrame, pixel_aspect: Fraction) -> np.ndarray:
  """A decoded frame in RGB as a player would show it.

  Wide pixels become square ones; then the frame is turned and flipped as its
  display matrix says.
  """
  width = round(frame.width * pixel_aspect)
  image = frame.to_ndarray(format='rgb24', width=width)
  side_data = frame.side_data.get('DISPLAYMATRIX')
  if side_data is None:
    return image
  # (x, y) is shown at (a x + c y, b x + d y), up to a shift.
  a, b, _, c, d = np.frombuffer(side_data, np.int32)[:5].tolist()
  if abs(b) > abs(a):
    image, right, down = image.transpose(1, 0, 2), c, b
  else:
    right, down = a, d
  image = image[:: -1 if down < 0 else 1, :: -1 if right < 0 else 1]
  return np.ascontiguousarray(image)
