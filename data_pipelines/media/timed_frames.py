"""The frames of videos of every kind, and when each of them is shown."""

import functools
import os
import pathlib
from collections.abc import Callable, Iterator
from fractions import Fraction

import av
import numpy as np
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from data_pipelines.media.file_kinds import Kind, is_animation, kind_of
from data_pipelines.media.folders import list_frames

STILL_RATE = Fraction(25)  # pictures know no rate
LONGEST_STILL = 600  # seconds: a clock that jumps further is broken

# When a frame appears, for how long it is shown, and a function that gives its
# pixels: who skips a frame does not pay for converting its colours.
Timed = tuple[Fraction, Fraction, Callable[[], np.ndarray]]


def timing(path: pathlib.Path) -> tuple[Fraction, int]:
  """A video's rate and its number of frames, as announced."""
  if path.is_dir():
    return STILL_RATE, len(list_frames(path))
  pictures.check_file(path, 'video')
  if is_animation(path):
    return _animation_timing(path)
  if kind_of(path) is Kind.PICTURE:
    return STILL_RATE, 1
  with _open(path) as container:
    stream = container.streams.video[0]
    rate = stream.average_rate or stream.guessed_rate or STILL_RATE
    announced = stream.frames
    if not announced and container.duration:
      announced = round(container.duration / av.time_base * rate)
    return rate, announced


def read_timed(
  path: pathlib.Path, threads: int, start: Fraction = Fraction(0)
) -> Iterator[Timed]:
  """A video's frames, at the latest from the one that is shown at `start`."""
  if path.is_dir():
    yield from _stills(list_frames(path))
  elif is_animation(path):
    yield from _animation(path)
  elif kind_of(path) is Kind.PICTURE:
    yield from _stills([path])
  else:
    yield from _decode(path, threads, start)


def _stills(paths: list[pathlib.Path]) -> Iterator[Timed]:
  for index, path in enumerate(paths):
    read_one = functools.partial(pictures.read_picture, path)
    yield index / STILL_RATE, 1 / STILL_RATE, read_one


def _animation_timing(path: pathlib.Path) -> tuple[Fraction, int]:
  """The mean rate: frames of a gif may each last as long as they like."""
  milliseconds = count = 0
  try:
    with Image.open(path) as picture:
      for count in range(1, picture.n_frames + 1):
        picture.seek(count - 1)
        picture.load()  # only then does a webp know its duration
        milliseconds += _milliseconds(picture)
  except (*pictures.BROKEN, EOFError):
    if not count:
      raise DataError(f'{path}: not an animation that can be read') from None
  return Fraction(1000 * count, milliseconds or 100), count


def _milliseconds(picture: Image.Image) -> int:
  # As browsers do, a frame of no duration is shown for a tenth of a second.
  return round(picture.info.get('duration', 0)) or 100


def _animation(path: pathlib.Path) -> Iterator[Timed]:
  index, time = 0, Fraction(0)
  try:
    with Image.open(path) as picture:
      for index in range(picture.n_frames):
        picture.seek(index)
        image = pictures.rgb(picture)
        duration = Fraction(_milliseconds(picture), 1000)
        # The picture moves on, so the pixels must be had now.
        yield time, duration, functools.partial(np.asarray, image)
        time += duration
  except (*pictures.BROKEN, EOFError):
    raise _break_error(path, index) from None


def _decode(
  path: pathlib.Path, threads: int, start: Fraction
) -> Iterator[Timed]:
  count, last = 0, None
  with _open(path) as container:
    stream = container.streams.video[0]
    stream.thread_type, stream.thread_count = 'AUTO', threads
    usual = 1 / (stream.average_rate or stream.guessed_rate or STILL_RATE)
    origin = stream.start_time or 0
    try:
      if start:
        goal = origin + int(start / stream.time_base)
        container.seek(goal, stream=stream)
      for frame in container.decode(stream):
        stamp = frame.pts if frame.pts is not None else frame.dts
        if stamp is None:
          time = count * usual
        else:
          time = (stamp - origin) * frame.time_base
        if start and not count and time > start:
          break  # sought too far: some files lead astray
        if last is not None and abs(time - last) > LONGEST_STILL:
          raise _break_error(path, count)
        duration = (frame.duration or 0) * frame.time_base or usual
        aspect = stream.sample_aspect_ratio or 1
        yield time, duration, functools.partial(make_upright, frame, aspect)
        count, last = count + 1, time
    except (av.FFmpegError, OSError):
      raise _break_error(path, count) from None
    # libav ends quietly where a file is cut off; its index knows better.
    ends = [entry.pos + entry.size for entry in stream.index_entries]
    if count and max(ends, default=0) > os.path.getsize(path):
      raise _break_error(path, count)
  if start and not count:
    yield from _decode(path, threads, Fraction(0))


def _break_error(path: pathlib.Path, count: int) -> DataError:
  return DataError(
    f'{path}: breaks off at frame {count}; copy or export it again'
  )


def _open(path: pathlib.Path) -> av.container.InputContainer:
  pictures.check_file(path, 'video')
  try:
    container = av.open(str(path), metadata_errors='replace')
  except (av.FFmpegError, OSError):
    with open(path, 'rb') as file:
      has_mp4_header = file.read(8)[4:] == b'ftyp'
    why = (
      'cut short, its index (moov) is missing; copy or export it again'
      if has_mp4_header
      else 'not a video that can be decoded; give an mp4, mov, avi, webm or gif'
    )
    raise DataError(f'{path}: {why}') from None
  if not container.streams.video:
    container.close()
    raise DataError(f'{path}: holds sound but no pictures; give a video')
  return container


def make_upright(frame: av.VideoFrame, pixel_aspect: Fraction) -> np.ndarray:
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
