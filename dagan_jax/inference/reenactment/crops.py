"""Which part of a portrait and of a video a network looks at.

A crop is 'auto', the largest face; 'none', the central square; or the square
around 'x,y,w,h' in pixels, also as four numbers. Where nothing is installed
that finds faces, 'auto' takes the central square, and the log says so.
"""

import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from absl import logging

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import (
  FaceFinder,
  face_finder,
)
from data_pipelines.faces.framing import (
  LOOKS,
  Framing,
  by_hand,
  check_seen,
  cut,
  of_portrait,
  of_video,
)
from data_pipelines.media import pictures
from data_pipelines.media.video_reader import Video

Crop = str | Sequence[int | float]


class Squares:
  """Frames as a network sees them; going through them again starts anew."""

  def __init__(
    self, frames: Iterable[np.ndarray], framing: Framing | None, size: int
  ):
    """The frames, the part of each, and the size of the results in pixels."""
    self._frames, self._framing, self._size = frames, framing, size

  def __iter__(self) -> Iterator[np.ndarray]:
    for frame in self._frames:
      yield cut_square(frame, self._framing, self._size)


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
  finder = _open_finder(crop)
  return of_portrait(picture, finder, name) if finder else _read_crop(crop)


def find_video_framing(
  frames: Iterable[np.ndarray], crop: Crop, name: str
) -> Framing | None:
  """Which part of a video drives: one place for all of its frames.

  Raises:
    UsageError: a face is to be found in frames that come only once.
    DataError: no face is found, or the crop is no crop.
  """
  finder = _open_finder(crop)
  if not finder:
    return _read_crop(crop)
  if isinstance(frames, Iterator):
    raise UsageError(
      f'{name}: its frames come only once, too late to find the face in them;'
      " give a list or a SteadyVideo, or say where to look: crop_driving='none'"
      ' or x,y,w,h'
    )
  if isinstance(frames, Video):
    return of_video(frames.spread(LOOKS), finder, name)
  step = max((count_frames(frames) or 1) // LOOKS, 1)
  return of_video(itertools.islice(frames, 0, None, step), finder, name)


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


def _read_crop(crop: Crop) -> Framing | None:
  if crop in ('auto', 'none'):
    return None
  return by_hand(crop if isinstance(crop, str) else ','.join(map(str, crop)))


def _open_finder(crop: Crop) -> FaceFinder | None:
  """What finds faces, where that is asked for and installed."""
  if crop != 'auto':
    return None
  try:
    return face_finder()
  except DataError as error:
    logging.info('central squares are taken: %s', error)
    return None
