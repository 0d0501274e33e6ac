"""Finds the square of a portrait or video that a network shall see."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from absl import logging
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.boxes import (
  Square,
  clip_square,
  crop,
)
from data_pipelines.faces.find import (
  Face,
  FaceFinder,
)
from data_pipelines.faces.follow import Track

_LEAST_LEAN = 5.0  # degrees; less is not worth another resampling
# How often a picture is turned upright and searched again: by dlib's landmarks
# a head seems to lean only about half as much as it does.
_TURNS = 3
_SEARCHED = 800  # pixels of a side are enough to find a face
_EYES = slice(36, 42), slice(42, 48)  # of 68 landmarks


class Framing(NamedTuple):
  """A square part of a picture; it may lean, and reach outside of it."""

  square: Square  # as it would stand upright
  lean: float = 0.0  # degrees clockwise, around the square's middle


def central(picture: np.ndarray) -> Framing:
  """The central square of uint8 (h, w, 3)."""
  height, width = picture.shape[:2]
  side = min(height, width)
  return Framing(Square((width - side) / 2, (height - side) / 2, float(side)))


def by_hand(text: str) -> Framing:
  """The square around 'x,y,w,h', pixels.

  Raises:
    DataError: it is not four numbers, or no size.
  """
  try:
    x, y, width, height = map(float, text.split(','))
    if not np.isfinite([x, y, width, height]).all() or min(width, height) <= 0:
      raise ValueError
  except ValueError:
    raise DataError(
      f'{text!r} is no crop: give auto, none, or x,y,w,h in pixels'
    ) from None
  side = max(width, height)
  return Framing(Square(x + (width - side) / 2, y + (height - side) / 2, side))


def check_seen(picture: np.ndarray, framing: Framing) -> None:
  """Raises DataError when an upright framing lies beside uint8 (h, w, 3)."""
  left, top, side = framing.square
  height, width = picture.shape[:2]
  if left >= width or top >= height or left + side <= 0 or top + side <= 0:
    raise DataError(
      f'the crop at {left:g},{top:g}, {side:g} pixels wide, lies beside the'
      f' picture of {width} x {height} pixels'
    )


def of_portrait(picture: np.ndarray, finder: FaceFinder, name: str) -> Framing:
  """The framing of a picture's largest face, like that of a data set's clip.

  For a head that leans the framing leans as well, so that the head is upright
  in the cut. The log tells of other faces, and how to take them.

  Raises:
    DataError: there is no face; `name` is the picture's.
  """
  faces = finder.find(picture)
  if not faces:
    raise DataError(
      f'{name}: no face is found in it; show where it is, --crop=x,y,w,h, or'
      ' take its central square, --crop=none'
    )
  _tell_of_others(faces, name, '--crop')
  framing = Framing(clip_square(Track(0, (faces[0],))))
  lean = _lean(faces[0])
  for _ in range(_TURNS):
    if abs(lean) < _LEAST_LEAN:
      break
    wide = Framing(_grow(framing.square, 2.0), framing.lean + lean)
    size = min(round(wide.square.side), _SEARCHED)
    found = finder.find(cut(picture, wide, size))
    if not found:
      break
    framing = _inside(wide, clip_square(Track(0, (found[0],))), size)
    lean = _lean(found[0])
  return framing


def of_video(
  frames: Iterable[np.ndarray], finder: FaceFinder, name: str
) -> Framing:
  """One framing for some frames of a face, of the one largest at their start.

  The log tells of other faces there, and how to take them.

  Args:
    frames: some of the video's, in order.
    finder: finds the faces.
    name: the video's.

  Raises:
    DataError: there is no face in any of them.
  """
  followed = []
  for frame in frames:
    found = finder.find(frame)
    if not found:
      continue
    if not followed:
      _tell_of_others(found, name, '--crop_driving')
    else:
      last = _middle(followed[-1])
      found = sorted(found, key=lambda f: np.hypot(*(_middle(f) - last)))
    followed.append(found[0])
  if not followed:
    raise DataError(
      f'{name}: no face is found in it; show where it is,'
      ' --crop_driving=x,y,w,h, or take its central square, --crop_driving=none'
    )
  return Framing(clip_square(Track(0, tuple(followed))))


def cut(picture: np.ndarray, framing: Framing, size: int) -> np.ndarray:
  """What a picture shows in a framing.

  Args:
    picture: uint8 (h, w, 3); outside of it its edge is repeated.
    framing: the part.
    size: the side of the result, pixels.

  Returns:
    uint8 (size, size, 3), antialiased where it shrinks.
  """
  if not framing.lean:
    return crop(picture, framing.square, size)
  wide = crop(picture, _grow(framing.square, 2.0), 2 * size)
  turned = Image.fromarray(wide).rotate(framing.lean, Image.Resampling.BICUBIC)
  edge = size // 2
  return np.array(turned)[edge : edge + size, edge : edge + size]


def _tell_of_others(faces: list[Face], name: str, flag: str) -> None:
  """`faces` are found in one picture, the one that is taken first."""
  if len(faces) == 1:
    return
  squares = [clip_square(Track(0, (face,))) for face in faces[1:]]
  others = ' or '.join(
    f'{flag}={left},{top},{side},{side}'
    for left, top, side in (map(round, square) for square in squares)
  )
  logging.info(
    '%s: %d faces; the largest is taken, another one with %s',
    name,
    len(faces),
    others,
  )


def _inside(wide: Framing, inner: Square, size: int) -> Framing:
  """A square of a cut of that size, as a framing of the whole picture."""
  scale = wide.square.side / size
  middle = _middle_of(wide.square)
  offset = (np.array(_middle_of(inner)) - size / 2) * scale
  angle = np.radians(wide.lean)
  turn = np.array(
    [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
  )
  x, y = middle + turn @ offset
  side = inner.side * scale
  return Framing(Square(x - side / 2, y - side / 2, side), wide.lean)


def _grow(square: Square, factor: float) -> Square:
  more = (factor - 1) / 2 * square.side
  return Square(square.left - more, square.top - more, factor * square.side)


def _middle_of(square: Square) -> np.ndarray:
  half = square.side / 2
  return np.array([square.left + half, square.top + half])


def _middle(face: Face) -> np.ndarray:
  return (face.box[:2] + face.box[2:]) / 2


def _lean(face: Face) -> float:
  """Degrees clockwise by which the eyes' line is turned; 0 if unknown."""
  left, right = (face.landmarks[eye].mean(axis=0) for eye in _EYES)
  x, y = right - left
  angle = float(np.degrees(np.arctan2(y, x)))
  return angle if np.isfinite(angle) else 0.0
