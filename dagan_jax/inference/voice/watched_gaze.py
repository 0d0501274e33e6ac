"""Where the eyes of a video look, from where their irises are seen to stand.

In an average head, whose eyeballs are known: an iris moves across the picture
because the eye turns, and because the head does.
"""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import median_filter

from dagan_jax.inference.voice.gaps import bridge_gaps
from data_pipelines.synthetic.anatomy import RIGHT_EYE, anatomy
from data_pipelines.synthetic.features import IRIS
from data_pipelines.synthetic.head import eye_vertices
from data_pipelines.synthetic.render import rotation

_CORNERS = [36, 39]  # of 68 landmarks: the eye to the picture's left
_LIDS = [37, 38, 43, 44], [41, 40, 47, 46]  # upper and lower
_WIDTHS = [36, 42], [39, 45]
_SHUT = 0.12  # how high an eye is, in widths, if it is too shut to be seen
# By what share of what irises move, across and down, they are seen to move:
# corners of eyes seem to go along, and lids hide. Of six rendered people these
# shares leave the least error; docs/speak.md has that of four others.
_SEEN = np.array([0.68, 0.36])
_STEADY = 5  # frames, whose median is taken


class _Eye(NamedTuple):
  """An eye of the average head that looks ahead, in mm."""

  width: float  # from corner to corner
  reach: float  # from the eyeball's middle to the iris
  corners: np.ndarray  # (3,) their middle, from the eyeball's


def watch_eyes(
  places: Float[np.ndarray, 'n 2'],
  turns: Float[np.ndarray, 'n 3'],
  seen: Bool[np.ndarray, 'n'],
) -> Float[np.ndarray, 'n 2']:
  """Gaze before a camera that the head faces at rest, in radians.

  Eyes are taken to look into the camera where they mostly look: how high
  people's irises stand then differs more than gazes do.

  Args:
    places: of the irises, see `Irises.find`.
    turns: of the head from its rest, degrees: yaw, pitch, roll.
    seen: whether the eyes are. In between they are on their way.
  """
  seen = seen & np.isfinite(places).all(1)
  if not seen.any():
    return np.zeros_like(places, np.float32)
  eye = _average_eye()
  ahead = -eye.corners[:2] / eye.width
  usual = np.median(places[seen], axis=0)
  gaze = explain_irises(ahead + (places - usual) / _SEEN, turns)
  gaze[~seen] = np.nan
  return median_filter(bridge_gaps(gaze), (_STEADY, 1), mode='nearest')


def explain_irises(
  places: Float[np.ndarray, 'n 2'], poses: Float[np.ndarray, 'n 3']
) -> Float[np.ndarray, 'n 2']:
  """Gaze before the camera, radians: to the picture's right, and down.

  Args:
    places: of the irises, see `Irises.find`.
    poses: of the head before the camera, degrees: yaw, pitch, roll.
  """
  eye = _average_eye()
  gaze = np.zeros((len(places), 2), np.float32)
  for row, place, pose in zip(gaze, places, poses, strict=True):
    turn = rotation(*pose)[:2]
    along = turn[:, 0]  # the line through the corners, foreshortened
    across = np.array([-along[1], along[0]])
    offset = eye.width * (place[0] * along + place[1] * across)
    row[:] = np.arcsin(
      np.clip((offset + turn @ eye.corners) / eye.reach, -1, 1)
    )
  return gaze


def are_open(landmarks: Float[np.ndarray, 'n 68 2']) -> np.ndarray:
  """Whether eyes (n,) are so far open that their irises can be seen."""
  above, below = (landmarks[:, lid] for lid in _LIDS)
  left, right = (landmarks[:, corner] for corner in _WIDTHS)
  height = np.linalg.norm(above - below, axis=-1).mean(1)
  return height > _SHUT * np.linalg.norm(right - left, axis=-1).mean(1)


@functools.cache
def _average_eye() -> _Eye:
  head = anatomy()
  ball = head.base[eye_vertices(RIGHT_EYE)]
  low, high = ball.min(0), ball.max(0)
  corners = head.base[head.landmarks[_CORNERS]]
  middle = corners.mean(0) - (low + high) / 2
  middle[0] = 0.0  # the other eye's is on the other side
  radius = (high - low)[:2].mean() / 2
  return _Eye(
    np.linalg.norm((corners[1] - corners[0])[:2]),
    np.sqrt(radius**2 - IRIS**2),
    middle,
  )
