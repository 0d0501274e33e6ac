"""Which part of a portrait and of a video a network looks at.

A crop is 'auto', the largest face; 'none', the central square; or the square
around 'x,y,w,h' in pixels, also as four numbers. Without a finder of faces
'auto' is 'none', and the log says so.
"""

import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.driving_video import DrivingVideo
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

Crop = str | Sequence[int | float]


class Squares:
  """Frames as a network sees them; again: from the first one."""

  def __init__(
    self, frames: Iterable[np.ndarray], framing: Framing | None, size: int
  ):
    self._frames, self._framing, self._size = frames, framing, size

  def __iter__(self) -> Iterator[np.ndarray]:
    for frame in self._frames:
      yield framed(frame, self._framing, self._size)


def portrait_framing(
  picture: np.ndarray, crop: Crop, name: str
) -> Framing | None:
  """Where the face of a portrait is; None stands for its central square.

  Args:
    picture: uint8 (h, w, 3).
    crop: see above.
    name: the picture's.

  Raises:
    DataError: no face is found, or the crop is no crop.
  """
  finder = _finder(crop)
  return of_portrait(picture, finder, name) if finder else _by_hand(crop)


def video_framing(
  frames: Iterable[np.ndarray], crop: Crop, name: str
) -> Framing | None:
  """The same of a video: one place for all of its frames.

  Raises:
    UsageError: a face is to be found in frames that cannot be read twice.
    DataError: no face is found, or the crop is no crop.
  """
  finder = _finder(crop)
  if not finder:
    return _by_hand(crop)
  if isinstance(frames, Iterator):
    raise UsageError(
      f'{name}: its frames come only once, too late to find the face in them;'
      " give a list or a DrivingVideo, or say where to look: crop='none' or"
      ' x,y,w,h'
    )
  return of_video(_spread(frames), finder, name)


def framed(
  picture: np.ndarray, framing: Framing | None, size: int
) -> np.ndarray:
  """What a picture shows there, uint8 (size, size, 3).

  Raises:
    DataError: nothing, for the framing lies beside the picture.
  """
  if framing is None:
    return pictures.square(picture, size)
  check_seen(picture, framing)
  return cut(picture, framing, size)


def announced(frames: Iterable[np.ndarray]) -> int | None:
  """How many frames there will be, as far as that can be told."""
  if hasattr(frames, 'probe'):
    return frames.probe.frames
  return operator.length_hint(frames) or None


def _spread(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """Enough of them to find a face."""
  if isinstance(frames, DrivingVideo):
    return frames.spread(LOOKS)
  step = (announced(frames) or 1) // LOOKS
  return itertools.islice(frames, 0, None, max(step, 1))


def _by_hand(crop: Crop) -> Framing | None:
  if crop in ('auto', 'none'):
    return None
  return by_hand(crop if isinstance(crop, str) else ','.join(map(str, crop)))


def _finder(crop: Crop) -> FaceFinder | None:
  """What finds faces, if it is asked for and there is one."""
  if crop != 'auto':
    return None
  try:
    return face_finder()
  except DataError as error:
    logging.info('central squares are taken: %s', error)
    return None
