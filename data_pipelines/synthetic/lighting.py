"""The light that reaches a person: lamps, the sky, and shadows."""

import numpy as np

from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.head import vertex_normals
from data_pipelines.synthetic.person import Person
from data_pipelines.synthetic.stage import Stage
from data_pipelines.synthetic.surface import harmonics, ramp, unit

SKULL = ((0.0, 0.03, -0.01, 0.085),)  # metres; throws a shadow on the torso
WRAP = np.array([0.34, 0.22, 0.18])  # how far light creeps around skin


def _lamp_light(stage: Stage, normal, frame, wrap, open_to) -> np.ndarray:
  """Diffuse light (n, 3) and the highlight (n,) on unit normals, as (n, 4).

  wrap: (3,) how far the key light creeps around. open_to: (n, 3) shares of
  the key, the fill and the ambient light that arrive.
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
  side = np.clip(dot(fill), 0, None) * open_to[:, 1]
  high = 0.5 + 0.5 * dot(up)
  shine = np.clip(dot(half), 0, None) ** 2
  out = np.empty((len(normal), 4))
  for channel in range(3):
    sky, ground = stage.sky[channel], stage.ground[channel]
    spread = wrap[channel]
    lit = np.clip((facing + spread) / (1 + spread), 0, None)
    lit = lit * (0.35 + 0.65 * lit) * 1.15 * open_to[:, 0]
    out[:, channel] = (
      (ground + (sky - ground) * high) * open_to[:, 2]
      + stage.key_colour[channel] * lit
      + stage.fill_colour[channel] * side
    )
  out[:, 3] = shine**8 * open_to[:, 0] * stage.key_colour.mean()
  return out


def _openness(stage: Stage, normal, frame) -> np.ndarray:
  """Shares (v, 3) of key, fill and ambient light that reach the head.

  From what each vertex of the shared head sees of the world: features throw
  soft shadows upon one another.
  """
  visible = anatomy().visibility
  out = np.empty((len(normal), 3))
  for column, lamp in enumerate((stage.key, stage.fill)):
    direction = (frame[:3, :3] * lamp[:, None]).sum(0)
    x, y, z = direction
    band = harmonics(direction)
    seen = sum(share * visible[:, i] for i, share in enumerate(band))
    facing = normal[:, 0] * x + normal[:, 1] * y + normal[:, 2] * z
    # The same of a vertex whose horizon is free.
    free = np.maximum(0.5 + 0.75 * facing, 0.25)
    out[:, column] = ramp(seen / free, 0.1, 0.95)
  half_sphere = 0.282095 * 2 * np.pi
  out[:, 2] = np.clip(visible[:, 0] / half_sphere, 0, 1) ** 0.8
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


def vertices(person: Person, face, head, torso) -> np.ndarray:
  """Light (v, 3) and highlight (v,) at a person's vertices, as (v, 4).

  face: (v, 3) the head's mesh in its own frame. head, torso: (4, 4) poses.
  """
  stage = person.stage
  normal = vertex_normals(face)
  body = np.ones((len(person.torso), 3))
  body[:, 0] = _shadow(person.torso, stage, torso, SKULL)
  flat = np.full(3, 0.22)
  free = np.ones((len(person.fixed), 3))
  fixed = _lamp_light(stage, person.fixed_normal, head, flat, free)
  fixed[:, 3] *= np.where(person.hairy, _strand_shine(person, head), 1.0)
  light = np.concatenate(
    [
      _lamp_light(stage, normal, head, WRAP, _openness(stage, normal, head)),
      fixed,
      _lamp_light(stage, person.torso_normal, torso, flat, body),
    ]
  )
  light[:, 3] *= person.gloss
  return light


def hairs(person: Person, head, which) -> np.ndarray:
  """Colour (n, 3) of points of single hairs."""
  normal = person.hairs.normal.take(which, 0)
  light = _lamp_light(
    person.stage, normal, head, np.full(3, 0.3),
    np.ones((len(which), 3)),
  )  # fmt: skip
  return person.hairs.colour.take(which, 0) * light[:, :3] + 0.04 * light[:, 3:]
