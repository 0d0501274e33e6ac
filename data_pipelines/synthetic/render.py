"""A posed person to pixels: pose, project, trace, shade, average."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import features
from data_pipelines.synthetic.head import INSIDE, NECK, express
from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.person import EYE, MOUTH, Person
from data_pipelines.synthetic.raster import Hits, trace
from data_pipelines.synthetic.stage import Stage
from data_pipelines.synthetic.surface import normals, ramp, unit

SAMPLES = 2  # along each side of a pixel
BLOCK = 8000  # samples at once: as many as fit a processor's cache
FOLLOW = 0.15  # share of the head's turn that the shoulders make
PIVOT = np.array([0.0, NECK[1], NECK[2]]) / 1000
SKULL = ((0.0, 0.03, -0.01, 0.085),)  # metres; throws a shadow on the torso
WAIST = np.array([0.0, 0.35, 0.05])


class Pose(NamedTuple):
  """Where everything is at one moment, in camera coordinates and metres."""

  camera_from_head: np.ndarray  # (4, 4)
  camera_from_torso: np.ndarray  # (4, 4)
  face: np.ndarray  # (r, c, 3) the head's grid, in head coordinates
  vertices: np.ndarray  # (v, 3)


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
  x, y, z = points[..., 0], points[..., 1], points[..., 2]
  out = np.empty_like(points)
  for i in range(3):
    a, b, c, d = matrix[i]
    out[..., i] = a * x + b * y + c * z + d
  return out


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
  face = face + person.head.neck[..., None] * (bound - face)
  vertices = np.concatenate(
    [
      move(head, face.reshape(-1, 3)),
      move(head, person.fixed),
      move(torso, person.torso),
    ]
  )
  return Pose(head, torso, face, vertices)


def focal(person: Person, size: int) -> float:
  """Focal length in pixels."""
  return size * person.stage.distance / person.stage.view


def look(person: Person, posed: Pose, size: int, samples: int) -> Hits:
  """What a grid of samples x samples per pixel sees of the person."""
  x, y, z = posed.vertices.T
  f, middle = focal(person, size) * samples, size * samples / 2
  return trace(
    person.mesh, f * x / z + middle, f * y / z + middle, z, size * samples
  )


def _light_up(stage: Stage, normal, frame, through) -> np.ndarray:
  """Diffuse light (n, 3) and the highlight (n,) on unit normals, as (n, 4).

  through: (n,) share of the key light that arrives.
  """
  turn = frame[:3, :3]
  key, fill, up, half = (
    (turn * v[:, None]).sum(0)
    for v in (
      stage.key,
      stage.fill,
      np.array([0.0, -1.0, 0.0]),
      unit(stage.key + np.array([0.0, 0.0, -1.0])),
    )
  )
  dot = lambda v: (
    normal[:, 0] * v[0] + normal[:, 1] * v[1] + normal[:, 2] * v[2]
  )
  facing = dot(key)
  lit = np.clip((facing + 0.22) / 1.22, 0, None)
  lit = lit * (0.35 + 0.65 * lit) * 1.15 * through
  side = np.clip(dot(fill), 0, None)
  high = 0.5 + 0.5 * dot(up)
  shine = np.clip(dot(half), 0, None) ** 2
  out = np.empty((len(normal), 4))
  for channel in range(3):
    sky, ground = stage.sky[channel], stage.ground[channel]
    out[:, channel] = (
      ground
      + (sky - ground) * high
      + stage.key_colour[channel] * lit
      + stage.fill_colour[channel] * side
    )
  out[:, 3] = shine**8 * through * stage.key_colour.mean()
  return out


def _strand_shine(person: Person, frame) -> np.ndarray:
  """A highlight across strands of hair, strongest where they face the key."""
  half = unit(person.stage.key + np.array([0.0, 0.0, -1.0]))
  half = (frame[:3, :3] * half[:, None]).sum(0)
  strand = person.strand
  along = (
    strand[:, 0] * half[0] + strand[:, 1] * half[1] + strand[:, 2] * half[2]
  )
  return (1 - along * along) ** 12 * 0.35


def _shadow(points, stage, frame, spheres) -> np.ndarray:
  """Share (n,) of the key light that spheres (x, y, z, radius) let through."""
  key = (frame[:3, :3] * stage.key[:, None]).sum(0)
  through = np.ones(len(points))
  for *centre, radius in spheres:
    x, y, z = ((c - points[:, i]) for i, c in enumerate(centre))
    along = x * key[0] + y * key[1] + z * key[2]
    away = np.sqrt(np.maximum(x * x + y * y + z * z - along * along, 0))
    hidden = ramp(away, 1.35 * radius, 0.65 * radius)
    through *= 1 - 0.8 * hidden * ramp(along, 0.6 * radius, 1.5 * radius)
  return through


def _light(person: Person, posed: Pose) -> np.ndarray:
  """Light (v, 3) and highlight (v,) at the vertices, as (v, 4)."""
  head, torso = posed.camera_from_head, posed.camera_from_torso
  stage, face = person.stage, posed.face.reshape(-1, 3)
  count = len(face)
  hard = np.ones(count + len(person.fixed))
  hard[:count] = _shadow(face, stage, head, person.shades)
  body = _shadow(person.torso, stage, torso, SKULL)
  moving = np.concatenate(
    [normals(posed.face).reshape(-1, 3), person.fixed_normal]
  )
  light = np.concatenate(
    [
      _light_up(stage, moving, head, hard),
      _light_up(stage, person.torso_normal, torso, body),
    ]
  )
  shine = light[count : count + len(person.fixed), 3]
  shine *= np.where(person.hairy, _strand_shine(person, head), 1.0)
  light[:, 3] *= person.gloss
  return light


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
  t, k = hits.triangle, person.k
  texel = np.clip((right * k).astype(np.int64), 0, k - 1)
  texel += np.clip(
    (down * k).astype(np.int64), 0, k - 1
  ) * person.cells.stride.take(t)
  texel += person.cells.texel.take(t)
  bare = person.texture.take(texel, 0)
  diffuse, shine = lit[:, :3], lit[:, 3:]
  colour = bare * diffuse + shine
  kind = person.cells.kind.take(t)
  if (at := np.flatnonzero(kind == EYE)).size:
    part = Hits(*(v[at] for v in hits))
    plane = person.head.canonical.reshape(-1, 3)
    x, y, _ = _blend(person, part, plane).T
    key = person.stage.key
    glint = 2.6 * key[0], 2.6 * key[1] - 0.6
    colour[at] = (
      features.eyes(
        bare[at], x, y, diffuse[at], pitch, person.traits, motion, glint
      )
      + 0.6 * shine[at]
    )
  if (at := np.flatnonzero(kind == MOUTH)).size:
    colour[at] = _inside(person, motion, posed, hits, at, down, diffuse)
  return colour


def _inside(person, motion, posed, hits, at, down, diffuse) -> np.ndarray:
  """Colour (n, 3) of the hits `at` between the lips."""
  face = person.head
  part = Hits(*(v[at] for v in hits))
  x = _blend(person, part, face.canonical.reshape(-1, 3))[:, 0]
  row = person.cells.row.take(part.triangle) - face.upper
  gap = posed.face[face.lower, :, 1] - posed.face[face.upper, :, 1]
  column = person.cells.column.take(part.triangle)
  q = (row + down[at]) / (INSIDE + 1)
  return features.mouth(x, q, 1000 * gap[column], diffuse[at], motion)


def light(person: Person, motion: Motion, posed: Pose, size: int):
  """The light (size, size, 3) that reaches the camera, linear."""
  hits = look(person, posed, size, SAMPLES)
  lit = _light(person, posed)
  pitch = 1000 * person.stage.view / size / SAMPLES
  blocks = [
    Hits(*(v[start : start + BLOCK] for v in hits))
    for start in range(0, len(hits.sample), BLOCK)
  ]
  colour = np.concatenate(
    [_colour(person, motion, posed, lit, block, pitch) for block in blocks]
  )
  row = hits.sample // (size * SAMPLES)
  column = hits.sample - row * (size * SAMPLES)
  pixel = row // SAMPLES * size + column // SAMPLES
  cover = np.bincount(pixel, minlength=size * size) / SAMPLES**2
  seen = person.wall * (1 - cover.reshape(size, size, 1))
  for channel in range(3):
    part = np.bincount(pixel, colour[:, channel], size * size) / SAMPLES**2
    seen[..., channel] += part.reshape(size, size)
  return seen
