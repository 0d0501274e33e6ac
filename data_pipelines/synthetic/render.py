"""A posed person to light: pose, project, trace, shade, average."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import features, lighting
from data_pipelines.synthetic.anatomy import (
  CAVE,
  LEFT_EYE,
  LOWER_TEETH,
  RIGHT_EYE,
  SKIN,
  TONGUE,
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
from data_pipelines.synthetic.raster import Hits, splat, trace
from data_pipelines.synthetic.surface import cross, ramp, unit

SAMPLES = 2  # along each side of a pixel
BLOCK = 8000  # samples at once: as many as fit a processor's cache
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


def _turn(yaw: float, pitch: float, roll: float) -> np.ndarray:
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
  return np.stack(_moved(matrix, np.moveaxis(points, -1, 0)), -1)


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
  head = _place(_turn(*turns), PIVOT, rest + shift)
  weak = _turn(*(FOLLOW * angle for angle in turns))
  torso = _place(weak, WAIST, rest + 0.4 * shift)
  face = express(person.head, motion) / 1000
  bound = move(product(inverse(head), torso), face)
  face = face + person.head.neck[:, None] * (bound - face)
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
  hair_sample: np.ndarray  # (h,) flat sample numbers
  hair: np.ndarray  # (h,) which point of the hairs
  hair_depth: np.ndarray  # (h,) metres


def look(person: Person, posed: Pose, size: int, samples: int) -> Seen:
  """What a grid of samples x samples per pixel sees of the person."""
  f, middle = focal(person, size) * samples, size * samples / 2
  x, y, z = posed.vertices.T
  hits = trace(
    person.mesh, f * x / z + middle, f * y / z + middle, z, size * samples
  )
  x, y, z = posed.hairs
  hairs = splat(f * x / z + middle, f * y / z + middle, z, size * samples, hits)
  return Seen(hits, *hairs)


def _blend(person: Person, hits: Hits, values: np.ndarray) -> np.ndarray:
  """Vertex values (v, n) at the hits (h, n)."""
  mesh, t = person.mesh, hits.triangle
  first = values.take(mesh.first.take(t), 0)
  second = values.take(mesh.second.take(t), 0)
  third = values.take(mesh.third.take(t), 0)
  second -= first
  second *= hits.second[:, None]
  third -= first
  third *= hits.third[:, None]
  first += second
  first += third
  return first


def _cell(person: Person, hits: Hits) -> tuple[np.ndarray, np.ndarray]:
  """Where in its cell (right, down) in [0, 1] each hit lies."""
  right, down = hits.second + hits.third, hits.third
  lower = person.cells.lower.take(hits.triangle)
  return np.where(lower, 1 - right, right), np.where(lower, 1 - down, down)


def _colour(person: Person, motion: Motion, posed: Pose, light, hits, pitch):
  """Linear colour (n, 3) of hits; pitch is a sample's width in mm."""
  lit = _blend(person, hits, light)
  lit[hits.inside] *= 0.35
  right, down = _cell(person, hits)
  t = hits.triangle
  k = person.cells.k.take(t)
  texel = np.clip((right * k).astype(np.int64), 0, k - 1)
  texel += np.clip(
    (down * k).astype(np.int64), 0, k - 1
  ) * person.cells.stride.take(t)
  texel += person.cells.texel.take(t)
  bare = person.texture.take(texel, 0)
  diffuse, shine = lit[:, :3], lit[:, 3:]
  colour = bare * diffuse + shine
  part = person.cells.part.take(t)
  if not (inner := part != SKIN).any():
    return colour
  for eye, which in enumerate((RIGHT_EYE, LEFT_EYE)):
    if (at := np.flatnonzero(part == which)).size:
      some = Hits(*(v[at] for v in hits))
      colour[at] = _eye(person, motion, posed, some, eye, pitch)
  mouth = np.isin(part, (CAVE, TONGUE, UPPER_TEETH, LOWER_TEETH)) & inner
  if (at := np.flatnonzero(mouth)).size:
    some = Hits(*(v[at] for v in hits))
    colour[at] = _inside(person, posed, some, bare[at], part[at])
  return colour


def _eye(person, motion, posed, hits: Hits, eye: int, pitch) -> np.ndarray:
  """Colour (n, 3) of the hits on one eyeball, 0 the right one."""
  stage, turn = person.stage, posed.camera_from_head[:3, :3]
  marks = 1000 * posed.face[anatomy().landmarks]
  place = 1000 * _blend(person, hits, posed.face)
  # The upper lid's edge, from the image's left to its right.
  edge = marks[[36, 37, 38, 39] if eye == 0 else [42, 43, 44, 45]]
  below = place[:, 1] - np.interp(place[:, 0], edge[:, 0], edge[:, 1])
  place = place - person.head.eyes[eye]
  axes = eye_axes(*motion.gaze[eye])
  axes = np.array([*axes, cross(*axes)])
  x, y, z = place.T
  place = np.stack([a * x + b * y + c * z for a, b, c in axes], -1)
  half = unit(stage.key + np.array([0.0, 0.0, -1.0]))
  half = (axes * (turn * half[:, None]).sum(0)).sum(1)
  # The cornea is more curved than the eyeball: what it mirrors lies nearer to
  # the iris's middle.
  glint = unit(half * 0.56 + np.array([0.0, 0.0, -0.44]))
  ambient = 0.55 * (stage.sky + stage.ground)
  ahead = -(turn[:, 2] * stage.key).sum()
  light = ambient + stage.key_colour * (0.15 + 0.65 * max(0.0, ahead))
  light = np.broadcast_to(light, place.shape)
  return features.eyes(place, below, light, pitch, person.traits, glint)


def _inside(person, posed, hits: Hits, bare, part) -> np.ndarray:
  """Colour (n, 3) of the hits inside of the mouth, bare: their texels."""
  x, _, z = 1000 * _blend(person, hits, posed.face).T
  marks = 1000 * posed.face[anatomy().landmarks[[51, 57, 62, 66]]]
  along = z - marks[:2, 2].mean()
  gap = marks[3, 1] - marks[2, 1]
  stage = person.stage
  light = (
    0.5 * (stage.sky + stage.ground).mean() + 0.45 * stage.key_colour.mean()
  )
  light = np.full(len(x), light * (0.55 + 0.45 * float(ramp(gap, 0, 16))))
  colour = features.mouth(bare, along, light)
  tooth = np.isin(part, (UPPER_TEETH, LOWER_TEETH))
  return np.where(tooth[:, None], features.teeth(x, along, light), colour)


def light(person: Person, motion: Motion, posed: Pose, size: int):
  """The light (size, size, 3) that reaches the camera, linear."""
  seen = look(person, posed, size, SAMPLES)
  hits = seen.surface
  lit = lighting.vertices(
    person, posed.face, posed.camera_from_head, posed.camera_from_torso
  )
  pitch = 1000 * person.stage.view / size / SAMPLES
  # The four samples of a pixel lie a picture apart.
  slot = _slots(size)
  picture, cover = np.zeros((4 * size**2, 3)), np.zeros(4 * size**2)
  for start in range(0, len(hits.sample), BLOCK):
    block = Hits(*(v[start : start + BLOCK] for v in hits))
    at = slot.take(block.sample)
    picture[at] = _colour(person, motion, posed, lit, block, pitch)
    cover[at] = 1
  at = slot.take(seen.hair_sample)
  picture[at] = lighting.hairs(person, posed.camera_from_head, seen.hair)
  cover[at] = 1
  share = _mean(cover).reshape(size, size, 1)
  return person.wall * (1 - share) + _mean(picture).reshape(size, size, 3)


@functools.lru_cache(maxsize=8)
def _slots(size: int) -> np.ndarray:
  """Where each sample lies when each pixel's first come first."""
  row, column = np.divmod(np.arange(4 * size**2), SAMPLES * size)
  pixel = row // SAMPLES * size + column // SAMPLES
  return (row % SAMPLES * SAMPLES + column % SAMPLES) * size**2 + pixel


def _mean(samples: np.ndarray) -> np.ndarray:
  first, second, third, fourth = np.split(samples, SAMPLES**2)
  return (first + second + third + fourth) / SAMPLES**2
