"""One person's head and neck: a shape of the shared mesh, and its faces."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import (
  EXPRESSIONS,
  LEFT_EYE,
  RIGHT_EYE,
  anatomy,
)
from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.surface import cross, ramp
from data_pipelines.synthetic.traits import Traits

NECK = (0.0, 118.0, 40.0)  # mm, where the head turns
STILL = 0.5  # mm; what an expression moves less counts as rigid
# Landmarks of the lids' edges: those above, those below, and the blink's name.
LIDS = (
  ((37, 38), (41, 40), 'eyeBlinkRight'),
  ((43, 44), (47, 46), 'eyeBlinkLeft'),
)


class Head(NamedTuple):
  """A neutral head in mm of its own, eyes where the shared mesh has them."""

  position: np.ndarray  # (v, 3)
  skull: np.ndarray  # (r, c, 3) where rays from the skull's middle leave it
  eyes: np.ndarray  # (2, 3) centres of the right and left eyeball
  blink: dict[int, float]  # how much of a blink shuts each eye, by its number
  neck: np.ndarray  # (v,) 0 moves with the head to 1 stays with the shoulders


@functools.cache
def neck_share() -> np.ndarray:
  """(v,) 0 moves with the head to 1 stays with the shoulders."""
  _, y, z = anatomy().base.T
  return ramp(y + 0.35 * (z - 20), 108, 180)


@functools.cache
def loose() -> np.ndarray:
  """(v,) whether an expression, gaze or the neck moves a vertex."""
  shared = anatomy()
  moved = neck_share() > 0
  for moves in shared.expressions:
    length = np.sqrt((moves.by**2).sum(1))
    moved[moves.vertices[length > STILL]] = True
  for part in (RIGHT_EYE, LEFT_EYE):
    moved[eye_vertices(part)] = True
  return moved


@functools.cache
def eye_vertices(part: int) -> np.ndarray:
  """The vertices of one eyeball."""
  shared = anatomy()
  return np.unique(shared.quads[shared.parts == part])


def head(person: Traits) -> Head:
  """Shapes one person's neutral head."""
  shared = anatomy()
  position = shared.base.copy()
  old = 0.8 * person.age
  for sex, much in (
    ('male', person.masculine),
    ('female', 1 - person.masculine),
  ):
    for origin, share in person.origin.items():
      if share * much:
        position += (
          share * much * (1 - old) * shared.coarse[f'{origin}-{sex}-young']
        )
        position += share * much * old * shared.coarse[f'{origin}-{sex}-old']
    side = 'max' if person.weight > 0 else 'min'
    position += abs(person.weight) * much * shared.coarse[f'{side}weight-{sex}']
  for (lower, upper), weight in zip(
    shared.details.values(), person.shape, strict=True
  ):
    moves = upper if weight > 0 else lower
    position[moves.vertices] += abs(weight) * moves.by
  balls = [position[eye_vertices(part)] for part in (RIGHT_EYE, LEFT_EYE)]
  eyes = np.array([(b.min(0) + b.max(0)) / 2 for b in balls])
  corners = position[shared.skull_corners]
  skull = (corners * shared.skull_weights[..., None]).sum(2)
  return Head(position, skull, eyes, shut_eyes(position), neck_share())


def shut_eyes(position: np.ndarray) -> dict[int, float]:
  """How much of a blink shuts each eye of a neutral head (v, 3) in mm.

  By the blink's number in EXPRESSIONS.
  """
  shared = anatomy()
  blink = {}
  for above, below, name in LIDS:
    number = EXPRESSIONS.index(name)
    moves = shared.expressions[number]
    down = np.zeros(len(position))
    down[moves.vertices] = moves.by[:, 1]
    upper = shared.landmarks[list(above)]
    lower = shared.landmarks[list(below)]
    gap = position[lower, 1] - position[upper, 1]
    blink[number] = float((gap / (down[upper] - down[lower])).mean())
  return blink


@functools.cache
def _expressions() -> list[tuple[np.ndarray, np.ndarray]]:
  """Which of the 3 v numbers of a head's x, y and z move, and how far (mm)."""
  count = len(anatomy().base)
  return [
    (
      np.concatenate([moves.vertices + n * count for n in range(3)]),
      moves.by.T.ravel(),
    )
    for moves in anatomy().expressions
  ]


def express(face: Head, motion: Motion) -> np.ndarray:
  """The head (v, 3) with an expression and a gaze, before it turns, in mm."""
  planes = np.ascontiguousarray(face.position.T)
  numbers = planes.reshape(-1)
  for number in np.flatnonzero(motion.expression):
    at, by = _expressions()[number]
    weight = motion.expression[number] * face.blink.get(number, 1.0)
    numbers[at] += weight * by
  position = planes.T
  for part, centre, angles in zip(
    (RIGHT_EYE, LEFT_EYE), face.eyes, motion.gaze, strict=True
  ):
    at = eye_vertices(part)
    x, y, z = (position[at] - centre).T
    right, down = eye_axes(*angles)
    ahead = cross(right, down)
    position[at] = (
      centre + x[:, None] * right + y[:, None] * down + z[:, None] * ahead
    )
  return position


def eye_axes(yaw: float, pitch: float) -> tuple[np.ndarray, np.ndarray]:
  """An eyeball's own x and y axes in the head, from its gaze in radians."""
  cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
  right = np.array([cy, 0.0, sy])
  return right, np.array([-sy * sp, cp, cy * sp])


@functools.cache
def _corners() -> np.ndarray:
  """(4, q) the quads' corners, the first of all together."""
  return np.ascontiguousarray(anatomy().quads.T)


def vertex_normals(position: np.ndarray) -> np.ndarray:
  """Unit normals (3, v), outward, of a head (v, 3)."""
  corners = _corners()
  one, two = [], []
  for axis in position.T:
    a, b, c, d = (axis.take(corner) for corner in corners)
    one.append(d - b)
    two.append(c - a)
  (ux, uy, uz), (vx, vy, vz) = one, two
  out = np.zeros((3, len(position)))
  across = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
  for axis, sizes in zip(out, across, strict=True):
    for corner in corners:
      axis += np.bincount(corner, sizes, len(position))
  x, y, z = out
  out /= np.sqrt(np.maximum(x * x + y * y + z * z, 1e-30))
  return out
