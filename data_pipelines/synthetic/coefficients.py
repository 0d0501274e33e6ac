"""A performance as 72 numbers a frame, and back.

They are those of GoHD: 64 of the expression, 6 of the head's pose, 2 of the
gaze. Of the expression's, the shared head has 52, the weights of EXPRESSIONS in
their order; the other 12 are 0, so that networks of one shape learn from it and
from models that have 64.
"""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import EXPRESSIONS, anatomy
from data_pipelines.synthetic.head import NECK
from data_pipelines.synthetic.performance import Performance
from data_pipelines.synthetic.render import rotation

COUNT = 64  # of the numbers of an expression
_DECIMETRES = np.array([10.0, -10.0, -10.0])  # of metres, with y down, z away


class Coefficients(NamedTuple):
  """What a face does in n frames, all float32."""

  expression: np.ndarray  # (n, 64)
  # Angles about x, y and z in this order, radians, x to the image's right, y
  # up, z towards the camera; then the shift, decimetres.
  pose: np.ndarray  # (n, 6)
  gaze: np.ndarray  # (n, 2) radians before the camera: to the image's left, up


def to_coefficients(performance: Performance) -> Coefficients:
  """A performance in numbers; lids have followed the gaze."""
  count = performance.count
  expression = np.zeros((count, COUNT), np.float32)
  pose = np.zeros((count, 6), np.float32)
  for number in range(count):
    moment = performance.moment(number)
    expression[number, : len(EXPRESSIONS)] = moment.expression
    turn = rotation(*performance.turns[number])
    pose[number, :3] = _to_angles(_mirror(turn))
    pose[number, 3:] = _DECIMETRES * (_swing(turn) + performance.shifts[number])
  return Coefficients(expression, pose, -np.float32(performance.gaze))


def from_coefficients(coefficients: Coefficients) -> Performance:
  """The performance that shows them, see `to_coefficients`."""
  turns, shifts = [], []
  for pose in np.float64(coefficients.pose):
    turn = _mirror(_from_angles(pose[:3]))
    turns.append(_to_degrees(turn))
    shifts.append(pose[3:] / _DECIMETRES - _swing(turn))
  return Performance(
    np.float32(turns).reshape(-1, 3),
    np.float32(shifts).reshape(-1, 3),
    np.float32(coefficients.expression[:, : len(EXPRESSIONS)]),
    -np.float32(coefficients.gaze),
  )


def _swing(turn: np.ndarray) -> np.ndarray:
  """Metres (3,) that the face's middle is moved by a turn about the neck."""
  return turn @ _arm() - _arm()


@functools.cache
def _arm() -> np.ndarray:
  """Metres (3,) from the neck to the middle of the shared head."""
  return (anatomy().base.mean(0) - NECK) / 1000


def _mirror(turn: np.ndarray) -> np.ndarray:
  """A turn (3, 3) seen in axes whose y and z point the other way."""
  signs = np.array([1, -1, -1])
  return signs[:, None] * turn * signs


def _from_angles(angles: np.ndarray) -> np.ndarray:
  """R_z R_y R_x, of radians about x, y and z."""
  (a, b, c), (u, v, w) = np.cos(angles), np.sin(angles)
  return np.array(
    [
      [b * c, u * v * c - a * w, a * v * c + u * w],
      [b * w, u * v * w + a * c, a * v * w - u * c],
      [-v, u * b, a * b],
    ]
  )


def _to_angles(turn: np.ndarray) -> np.ndarray:
  """Radians (3,) about x, y and z of R_z R_y R_x, y within a quarter turn."""
  return np.array(
    [
      np.arctan2(turn[2, 1], turn[2, 2]),
      -np.arcsin(np.clip(turn[2, 0], -1, 1)),
      np.arctan2(turn[1, 0], turn[0, 0]),
    ]
  )


def _to_degrees(turn: np.ndarray) -> np.ndarray:
  """Yaw, pitch and roll (3,) whose `rotation` a turn is, pitch below 90."""
  return np.degrees(
    [
      np.arctan2(-turn[0, 2], turn[2, 2]),
      -np.arcsin(np.clip(turn[1, 2], -1, 1)),
      np.arctan2(turn[1, 0], turn[1, 1]),
    ]
  )
