"""A posed person to light: pose, project, trace, shade, average."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import features, lighting
from data_pipelines.synthetic.anatomy import (
  LEFT_EYE,
  LOWER_TEETH,
  RIGHT_EYE,
  SKIN,
  UPPER_TEETH,
  anatomy,
)
from data_pipelines.synthetic.head import (
  NECK,
  express,
  eye_axes,
)
from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.person import Person
from data_pipelines.synthetic.raster import Dots, Hits, Points, trace
from data_pipelines.synthetic.surface import cross, ramp, unit

SAMPLES = 2  # along each side of a pixel
BLOCK = 16000  # samples at once: as many as fit a processor's cache
FOLLOW = 0.15  # share of the head's turn that the shoulders make
PIVOT = np.array(NECK) / 1000
WAIST = np.array([0.0, 0.35, 0.05])


class Pose(NamedTuple):
  """Where everything is at one moment, in camera coordinates and metres."""

  camera_from_head: np.ndarray  # (4, 4)
  camera_from_torso: np.ndarray  # (4, 4)
  face: np.ndarray  # (v, 3) the head's mesh, in head coordinates
  vertices: np.ndarray  # (v, 3) the whole mesh
  hairs: tuple[np.ndarray, ...]  # x, y, z (n,) of points of single hairs


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
  """The matrix (3, 3) of a head turned by degrees, see `motion.Motion`."""
  a, b, c = np.radians([-yaw, pitch, roll])
  ya, za, xb = np.cos(a), np.sin(a), np.cos(b)
  about_y = np.array([[ya, 0, za], [0, 1, 0], [-za, 0, ya]])
  about_x = np.array([[1, 0, 0], [0, xb, -np.sin(b)], [0, np.sin(b), xb]])
  about_z = np.array(
    [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
  )
  return product(product(about_y, about_x), about_z)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """A matrix product in a fixed order of additions, unlike BLAS's."""
  return (a[:, :, None] * b[None]).sum(1)


def _place(turn, pivot, shift) -> np.ndarray:
  """Rigid transform that turns around a pivot, then shifts."""
  matrix = np.eye(4)
  matrix[:3, :3] = turn
  matrix[:3, 3] = pivot - (turn * pivot).sum(1) + shift
  return matrix


def move(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
  """A (4, 4) rigid transform of (..., 3) points."""
  return np.stack(_moved(matrix, np.moveaxis(points, -1, 0))).T


def _moved(matrix, axes) -> tuple[np.ndarray, ...]:
  """The same of x, y and z apart."""
  x, y, z = axes
  return tuple(a * x + b * y + c * z + d for a, b, c, d in matrix[:3])


def inverse(matrix: np.ndarray) -> np.ndarray:
  """The inverse of a rigid (4, 4) transform."""
  out = np.eye(4)
  out[:3, :3] = matrix[:3, :3].T
  out[:3, 3] = -(matrix[:3, :3].T * matrix[:3, 3]).sum(1)
  return out


def pose(person: Person, motion: Motion) -> Pose:
  """Turns the head on its neck, and the shoulders a little with it."""
  stage = person.stage
  rest = np.array([*stage.centre, stage.distance])
  shift = np.array(motion.shift)
  turns = motion.yaw, motion.pitch, motion.roll
  head = _place(rotation(*turns), PIVOT, rest + shift)
  weak = rotation(*(FOLLOW * angle for angle in turns))
  torso = _place(weak, WAIST, rest + 0.4 * shift)
  face = express(person.head, motion) / 1000
  bound = np.flatnonzero(person.head.neck)
  free, share = face[bound], person.head.neck.take(bound)[:, None]
  fixed = move(product(inverse(head), torso), free)
  face[bound] += share * (fixed - free)
  vertices = np.concatenate(
    [
      move(head, face),
      move(head, person.fixed),
      move(torso, person.torso),
    ]
  )
  return Pose(head, torso, face, vertices, _moved(head, person.hairs.position))


def focal(person: Person, size: int) -> float:
  """Focal length in pixels."""
  return size * person.stage.distance / person.stage.view


class Seen(NamedTuple):
  """What samples see: surfaces, or single hairs before them."""

  surface: Hits
  hair: Dots  # points of `Pose.hairs`


def look(person: Person, posed: Pose, size: int, samples: int) -> Seen:
  """What a grid of samples x samples per pixel sees of the person."""
  f, middle = focal(person, size) * samples, size * samples / 2
  project = lambda x, y, z: Points(f * x / z + middle, f * y / z + middle, z)
  mesh, hairs = project(*posed.vertices.T), project(*posed.hairs)
  return Seen(*trace(person.mesh, mesh, size * samples, hairs))


def _blend(person: Person, hits: Hits, planes) -> np.ndarray:
  """Vertex values (k, v) at the hits, as (k, n), in their precision."""
  mesh, t = person.mesh, hits.triangle
  first, second, third = (corner.take(t) for corner in mesh[:3])
  out = np.empty((len(planes), len(t)), planes.dtype)
  shares = 1 - hits.second - hits.third, hits.second, hits.third
  shares = [share.astype(out.dtype) for share in shares]
  for plane, values in zip(planes, out, strict=True):
    np.multiply(plane.take(first), shares[0], out=values)
    for corner, share in ((second, shares[1]), (third, shares[2])):
      part = plane.take(corner)
      part *= share
      values += part
  return out


def _painted(person: Person, light, hits: Hits) -> np.ndarray:
  """Linear colour (3, n) of hits by the person's texture."""
  colour = np.empty((3, len(hits.sample)), np.float32)
  for start in range(0, len(hits.sample), BLOCK):
    part = slice(start, start + BLOCK)
    some = Hits(*(values[part] for values in hits))
    lit = _blend(person, some, light)
    if (at := np.flatnonzero(some.inside)).size:
      lit[:, at] *= 0.35
    *diffuse, shine = lit
    texel = person.cells.texels(some.triangle, some.second, some.third)
    for paint, values, out in zip(person.texture, diffuse, colour, strict=True):
      values *= paint.take(texel)
      np.add(values, shine, out=out[part])
  return colour


def _draw_features(colour, person, motion, posed, hits: Hits, size) -> None:
  """Draws eyes and the mouth's inside over the colour (3, n) of hits."""
  part = person.cells.part.take(hits.triangle)
  inner = np.flatnonzero(part != SKIN)
  part = part.take(inner)
  ball = (part == RIGHT_EYE) | (part == LEFT_EYE)
  pitch = 1000 * person.stage.view / size / SAMPLES
  if (at := inner[ball]).size:
    some = Hits(*(values.take(at) for values in hits))
    left = (part[ball] == LEFT_EYE).astype(np.intp)
    colour[:, at] = _eyes(person, motion, posed, some, left, pitch)
  if (at := inner[~ball]).size:
    some = Hits(*(values.take(at) for values in hits))
    colour[:, at] = _mouth(person, posed, some, part[~ball])


def _eyes(person, motion, posed, hits: Hits, left, pitch) -> np.ndarray:
  """Colour (3, n) of hits on eyeballs.

  left: (n,) 1 for the left one, 0 for the right. pitch: mm between samples.
  """
  stage, turn = person.stage, posed.camera_from_head[:3, :3]
  marks = 1000 * posed.face[anatomy().landmarks]
  place = 1000 * _blend(person, hits, posed.face.T)
  # The upper lids' edges, from the image's left to its right.
  edges = marks[[36, 37, 38, 39]], marks[[42, 43, 44, 45]]
  lids = [np.interp(place[0], edge[:, 0], edge[:, 1]) for edge in edges]
  below = place[1] - np.where(left, lids[1], lids[0])
  place -= person.head.eyes.T.take(left, 1)
  axes = [eye_axes(*gaze) for gaze in motion.gaze]
  axes = np.array([(*pair, cross(*pair)) for pair in axes])
  own = axes.transpose(1, 2, 0).take(left, 2)
  place = (own * place).sum(1)
  half = unit(stage.key + np.array([0.0, 0.0, -1.0]))
  half = (axes * (turn * half[:, None]).sum(0)).sum(-1)
  # The cornea is more curved than the eyeball: what it mirrors lies nearer to
  # the iris's middle.
  glint = unit(half * 0.56 + np.array([0.0, 0.0, -0.44]))
  ambient = 0.55 * (stage.sky + stage.ground)
  ahead = -(turn[:, 2] * stage.key).sum()
  light = ambient + stage.key_colour * (0.15 + 0.65 * max(0.0, ahead))
  return features.eyes(
    place, below, light, pitch, person.traits, glint.T.take(left, 1)
  )


def _mouth(person, posed, hits: Hits, part) -> np.ndarray:
  """Colour (3, n) of the hits inside of the mouth, which are parts (n,)."""
  x, z = 1000 * _blend(person, hits, posed.face.T[::2])
  marks = 1000 * posed.face[anatomy().landmarks[[51, 57, 62, 66]]]
  along = z - marks[:2, 2].mean()
  gap = marks[3, 1] - marks[2, 1]
  stage = person.stage
  light = (
    0.5 * (stage.sky + stage.ground).mean() + 0.45 * stage.key_colour.mean()
  )
  light *= 0.55 + 0.45 * float(ramp(gap, 0, 16))
  texel = person.cells.texels(hits.triangle, hits.second, hits.third)
  colour = features.mouth(person.texture.take(texel, 1), along, light)
  tooth = (part == UPPER_TEETH) | (part == LOWER_TEETH)
  return np.where(tooth, features.teeth(x, along, light), colour)


def light(person: Person, motion: Motion, posed: Pose, size: int):
  """The light (size, size, 3) that reaches the camera, float32, linear."""
  seen = look(person, posed, size, SAMPLES)
  hits = seen.surface
  lit = lighting.vertices(
    person, posed.face, posed.camera_from_head, posed.camera_from_torso
  )
  colour = _painted(person, lit, hits)
  _draw_features(colour, person, motion, posed, hits, size)
  hair = lighting.hairs(person, posed.camera_from_head, seen.hair.point)
  pixel = _pixels(size).take(np.concatenate([hits.sample, seen.hair.sample]))
  count = functools.partial(np.bincount, pixel, minlength=size * size)
  share = 1 / SAMPLES**2
  out = person.wall * (1 - share * count()).astype(np.float32)
  for plane, values in zip(out, np.concatenate([colour, hair], 1), strict=True):
    plane += share * count(values)
  return out.reshape(3, size, size).transpose(1, 2, 0)


@functools.lru_cache(maxsize=8)
def _pixels(size: int) -> np.ndarray:
  """The pixel in which each sample lies."""
  row, column = np.divmod(np.arange((SAMPLES * size) ** 2), SAMPLES * size)
  return row // SAMPLES * size + column // SAMPLES
