"""Measures faces in pictures: expression, pose and gaze, 72 numbers a face."""

from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from dagan_jax.geometry.morphable_face import (
  MorphableFace,
)
from dagan_jax.inference.chunks import fill_chunks
from dagan_jax.inference.gohd.programs import Programs
from dagan_jax.inference.reenactment.crops import Squares, find_video_framing
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.gaps import bridge_gaps
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.boxes import Square, crop
from data_pipelines.faces.landmarks import LandmarkDetector

SIZE = 384  # pixels of the squares in which faces are measured
_ALIGNED, _GAZE = 224, 448  # pixels that the networks see
_GAZE_DETAIL = 224  # pixels that the published command lets the gaze's see
_CHUNK = 4
_EYES = [36, 39], [42, 45]  # of 68 landmarks, the corners
_NOSE_AND_MOUTH = [30, 48, 54]
_FOREHEAD = 0.2  # above the brows, as a share of what is below
# How large a decimetre is in an aligned picture, in pixels.
_SCALE = 102.0
# Where the middle of the five points lies in the Basel face, in decimetres,
# upwards and ahead of its origin; another model's origin is elsewhere.
_MIDDLE = np.array([0.0, -0.046, 0.253])


class FaceMeter:
  """Measures faces with GoHD's networks."""

  def __init__(self, programs: Programs, face: MorphableFace):
    """Args:
    programs: of a workdir.
    face: the face model whose mean is what faces are aligned with.
    """
    self._programs = programs
    self._points = pick_points(np.asarray(face.mean)[face.landmarks])
    self._points += _MIDDLE - self._points.mean(0)
    self._detector = LandmarkDetector()

  def measure_portrait(
    self, square: UInt8[np.ndarray, 's s 3'], name: str
  ) -> Float[np.ndarray, '72']:
    """The numbers of the face in a square.

    Raises:
      DataError: no face is found in it.
    """
    (values,) = self._measure([square])
    if np.isnan(values).any():
      raise DataError(
        f'{name}: no landmarks of a face are found in the part that moves; give'
        ' a portrait that shows one, or another --crop'
      )
    return values

  def measure_video(
    self, frames: Iterable[np.ndarray], settings: Settings, name: str
  ) -> Float[np.ndarray, 't 72']:
    """The numbers of every frame; where nobody is seen, on the way to the next.

    Args:
      frames: uint8 (h, w, 3), which can be gone through again.
      settings: `crop_driving` and `person`.
      name: of the video, for messages.

    Raises:
      DataError: no face is found.
    """
    framing = find_video_framing(
      frames, settings.crop_driving, name, settings.person
    )
    found = [*self._measure(Squares(frames, framing, SIZE))]
    values = np.array(found, np.float32).reshape(len(found), -1)
    if framing.seen is not None:
      values[~framing.seen[: len(values)]] = np.nan
    if np.isnan(values).any(1).all():
      raise DataError(
        f'{name}: no landmarks of a face are found in it; give a video that'
        ' shows one from the front'
      )
    return bridge_gaps(values)

  def _measure(
    self, squares: Iterable[np.ndarray]
  ) -> Iterator[Float[np.ndarray, '72']]:
    """Numbers of each square; NaN where no face is found."""
    looks = map(self._look, squares)
    for some, count in fill_chunks(looks, _CHUNK):
      aligned, heads, seen = map(np.stack, zip(*some, strict=True))
      found = self._programs.measure(aligned)
      parts = [found.expression, found.angles, found.translation]
      gaze = np.zeros((_CHUNK, 2), np.float32)
      if self._programs.sees_gaze:
        gaze = self._programs.find_gaze(heads)
      values = np.concatenate([*map(np.asarray, parts), gaze], axis=1)
      values = np.where(seen[:, None], values, np.nan)
      yield from values[:count]

  def _look(self, square: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """What both networks see of a square, and whether it shows a face."""
    landmarks = self._detector.find(square)
    if landmarks is None or not np.isfinite(landmarks).all():
      nothing = [np.zeros((n, n, 3), np.uint8) for n in (_ALIGNED, _GAZE)]
      return *nothing, False
    aligned = align_face(square, landmarks, self._points)
    return aligned, cut_head(square, landmarks), True


def pick_points(landmarks: Float[np.ndarray, '68 c']) -> np.ndarray:
  """The five points that faces are aligned by: eyes, nose, mouth's corners."""
  eyes = [landmarks[corners].mean(0) for corners in _EYES]
  return np.stack([*eyes, *landmarks[_NOSE_AND_MOUTH]])


def align_face(
  picture: UInt8[np.ndarray, 'h w 3'],
  landmarks: Float[np.ndarray, '68 2'],
  points: Float[np.ndarray, '5 3'],
) -> UInt8[np.ndarray, '224 224 3']:
  """The square in which a face is as large, and where, as Deep3D learnt it.

  A camera far away would see the mean face's points where the picture has them:
  that tells the scale, and where the face model's origin is. The square stands
  upright, so that the head may lean in it; outside of the picture it is black.

  Args:
    picture: that shows the face.
    landmarks: in its pixels.
    points: five of the mean face, decimetres, y up.
  """
  seen = pick_points(landmarks)
  rows = np.concatenate([points, np.ones((5, 1))], axis=1)
  ways, *_ = np.linalg.lstsq(rows, seen * [1, -1], rcond=None)
  scale = np.linalg.norm(ways[:3], axis=0).mean()  # pixels for a decimetre
  middle = ways[3] * [1, -1]
  side = _ALIGNED * scale / _SCALE
  left, top = middle - side / 2
  aligned = crop(picture, Square(left, top, side), _ALIGNED)
  place = (np.arange(_ALIGNED) + 0.5) * side / _ALIGNED
  for axis, start in enumerate((top, left)):
    inside = (start + place >= 0) & (start + place < picture.shape[axis])
    aligned *= np.expand_dims(inside, [1 - axis, 2])
  return aligned


def cut_head(
  picture: UInt8[np.ndarray, 'h w 3'], landmarks: Float[np.ndarray, '68 2']
) -> UInt8[np.ndarray, '448 448 3']:
  """A head from forehead to chin, stretched to a square, as L2CS learnt it."""
  low, high = landmarks.min(0), landmarks.max(0)
  low[1] -= _FOREHEAD * (high[1] - low[1])
  size = np.array(picture.shape[1::-1])
  low, high = np.clip(low, 0, size - 1), np.clip(high, 1, size)
  image = Image.fromarray(picture)
  small = image.resize(
    (_GAZE_DETAIL, _GAZE_DETAIL),
    Image.Resampling.BILINEAR,
    (*low.tolist(), *np.maximum(high, low + 1).tolist()),
  )
  return np.asarray(small.resize((_GAZE, _GAZE), Image.Resampling.BILINEAR))
