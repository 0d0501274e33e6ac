"""Which part of a portrait and of a film a network looks at: `--crop`."""

import numpy as np
from absl import logging

from data_pipelines import video
from data_pipelines.errors import DataError
from data_pipelines.face_finder import FaceFinder, face_finder
from data_pipelines.framing import (
  LOOKS,
  Framing,
  by_hand,
  cut,
  of_film,
  of_portrait,
)


def portrait_framing(
  picture: np.ndarray, crop: str, name: str
) -> Framing | None:
  """Where the face of a portrait is; None stands for its central square.

  Args:
    picture: uint8 (h, w, 3).
    crop: 'auto', the largest face; 'none'; or 'x,y,w,h' in pixels. Without a
      finder of faces 'auto' is 'none', and the log says so.
    name: the picture's.

  Raises:
    DataError: no face is found, or the crop is no crop.
  """
  finder = _finder(crop)
  if finder:
    return of_portrait(picture, finder, name)
  return None if crop in ('auto', 'none') else by_hand(crop)


def film_framing(film: video.Film, crop: str) -> Framing | None:
  """The same of a film: one place for all of its frames."""
  finder = _finder(crop)
  if finder:
    rate = min(film.rate, LOOKS * film.rate / film.probe.frames)
    some = video.read(film.path, rate=rate)
    return of_film(some, finder, str(film.path))
  return None if crop in ('auto', 'none') else by_hand(crop)


def framed(
  picture: np.ndarray, framing: Framing | None, size: int
) -> np.ndarray:
  """What a picture shows there; without framing, the picture itself."""
  return picture if framing is None else cut(picture, framing, size)


def _finder(crop: str) -> FaceFinder | None:
  """What finds faces, if it is asked for and there is one."""
  if crop != 'auto':
    return None
  try:
    return face_finder()
  except DataError as error:
    logging.info('central squares are taken: %s', error)
    return None
