"""Which part of a portrait and of a video a network looks at.

A crop is 'auto', the largest face; 'none', the central square; or the square
around 'x,y,w,h' in pixels, also as four numbers. Where nothing is installed
that finds faces, 'auto' takes the central square, and the log says so.
"""

import operator
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from absl import logging
from jaxtyping import Bool

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.wording import list_few
from data_pipelines.faces.find import FaceFinder
from data_pipelines.faces.finders import face_finder
from data_pipelines.faces.framing import (
  Framing,
  by_hand,
  check_seen,
  cut,
  of_portrait,
)
from data_pipelines.faces.one_person import Followed, follow_person, spans
from data_pipelines.media import pictures
from data_pipelines.media.video_reader import Video

Crop = str | Sequence[int | float]

_OTHERS = 3  # people of whom a message tells how to take them


class VideoFraming(NamedTuple):
  """Which part of each frame of a video drives.

  None stands for central squares, and for a video where nobody was looked for.
  """

  framings: dict[int, Framing | None]  # by the frame where each begins, from 0
  seen: Bool[np.ndarray, 't'] | None = None  # whether the driver is there


class Squares:
  """Frames as a network sees them; going through them again starts anew."""

  def __init__(
    self, frames: Iterable[np.ndarray], framing: VideoFraming, size: int
  ):
    """The frames, the part of each, and the size of the results in pixels."""
    self._frames, self._framings = frames, framing.framings
    self._size = size

  def __iter__(self) -> Iterator[np.ndarray]:
    here = self._framings[0]
    for index, frame in enumerate(self._frames):
      here = self._framings.get(index, here)
      yield cut_square(frame, here, self._size)


def find_portrait_framing(
  picture: np.ndarray, crop: Crop, name: str
) -> Framing | None:
  """Which part of a portrait moves; None stands for its central square.

  Args:
    picture: uint8 (h, w, 3).
    crop: see above.
    name: the picture's, for messages.

  Raises:
    DataError: no face is found, or the crop is no crop.
  """
  finder = open_finder(crop)
  return of_portrait(picture, finder, name) if finder else read_crop(crop)


def find_video_framing(
  frames: Iterable[np.ndarray],
  crop: Crop,
  name: str,
  person: str = 'largest',
  rate: Fraction | float = 25,
) -> VideoFraming:
  """Which part of a video drives: one place for each shot of one person.

  The log tells of cuts, of other people, and of frames without the person.

  Args:
    frames: uint8 (h, w, 3), of any size.
    crop: see above.
    name: of the video, for messages.
    person: who drives, see `follow_person`.
    rate: frames per second.

  Raises:
    UsageError: a face is to be found in frames that come only once.
    DataError: no face is found, or the crop is no crop.
  """
  finder = open_finder(crop)
  if not finder:
    return VideoFraming({0: read_crop(crop)})
  if isinstance(frames, Iterator):
    raise UsageError(
      f'{name}: its frames come only once, too late to find the face in them;'
      " give a list or a SteadyVideo, or say where to look: crop_driving='none'"
      ' or x,y,w,h'
    )
  followed = _follow(frames, finder, name, person, rate, '--crop_driving')
  _tell_of_absence(followed, name)
  return VideoFraming(_frame_shots(followed), followed.seen)


def find_watched_framing(video: Video, crop: Crop, name: str) -> VideoFraming:
  """Likewise of a video that drives nobody: of its largest person.

  Args:
    video: that begins anew whenever it is gone through.
    crop: see above.
    name: of the video, for messages.

  Raises:
    DataError: no face is found, or the crop is no crop.
  """
  finder = open_finder(crop)
  if not finder:
    return VideoFraming({0: read_crop(crop)})
  followed = _follow(video, finder, name, 'largest', video.rate, '--crop')
  return VideoFraming(_frame_shots(followed))


def _follow(frames, finder, name, person, rate, flag) -> Followed:
  """Follows a person; the log tells of cuts and of others."""
  followed = follow_person(frames, finder, person, rate)
  if followed is None:
    raise DataError(
      f'{name}: no face is found in it; show where it is, {flag}=x,y,w,h, or'
      f' take its central square, {flag}=none'
    )
  if cuts := followed.cuts:
    logging.info(
      '%s: %d cuts, before frames %s; each shot is framed by itself',
      name,
      len(cuts),
      list_few(map(str, cuts)),
    )
  if followed.others:
    flags = [
      f'{flag}={left:.0f},{top:.0f},{side:.0f},{side:.0f}'
      for left, top, side in followed.others[:_OTHERS]
    ]
    logging.info(
      '%s: several people; one is followed, another one with %s',
      name,
      ' or '.join(flags),
    )
  return followed


def _frame_shots(followed: Followed) -> dict[int, Framing]:
  return {at: Framing(square) for at, square in followed.squares.items()}


def _tell_of_absence(followed: Followed, name: str) -> None:
  """Says where the person who drives is not seen."""
  absent, count = ~followed.seen, len(followed.seen)
  if absent.any():
    logging.warning(
      '%s: %d of %d frames show no face of who drives (frames %s): the portrait'
      ' holds its last pose there; --crop_driving=x,y,w,h drives all the same',
      name,
      absent.sum(),
      count,
      _list_spans(absent),
    )
  if followed.replaced.any():
    logging.warning(
      '%s: somebody else takes over in %d of %d frames (frames %s), and is not'
      ' followed; --person tells who drives',
      name,
      followed.replaced.sum(),
      count,
      _list_spans(followed.replaced),
    )


def _list_spans(marked: Bool[np.ndarray, 't']) -> str:
  return list_few(
    str(first) if first == last else f'{first} to {last}'
    for first, last in spans(marked)
  )


def cut_square(
  picture: np.ndarray, framing: Framing | None, size: int
) -> np.ndarray:
  """What a picture shows in a framing, uint8 (size, size, 3).

  Raises:
    DataError: nothing, for the framing lies beside the picture.
  """
  if framing is None:
    return pictures.square(picture, size)
  check_seen(picture, framing)
  return cut(picture, framing, size)


def count_frames(frames: Iterable[np.ndarray]) -> int | None:
  """How many frames there will be, as far as that is known beforehand."""
  if isinstance(frames, Video):
    return frames.probe.frames
  return operator.length_hint(frames) or None


def read_crop(crop: Crop) -> Framing | None:
  """A crop by hand; None where it names none. Raises DataError: no crop."""
  if crop in ('auto', 'none'):
    return None
  return by_hand(crop if isinstance(crop, str) else ','.join(map(str, crop)))


def open_finder(crop: Crop) -> FaceFinder | None:
  """What finds faces, where that is asked for and installed."""
  if crop != 'auto':
    return None
  try:
    return face_finder()
  except DataError as error:
    logging.info('central squares are taken: %s', error)
    return None
