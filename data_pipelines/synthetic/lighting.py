"""The light that reaches a person: lamps, the sky, and shadows.

Vectors are x, y and z apart, and in float32: only sums, products, quotients
and square roots, which every machine rounds alike.
"""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.head import vertex_normals
from data_pipelines.synthetic.person import Person
from data_pipelines.synthetic.stage import Stage
from data_pipelines.synthetic.surface import harmonics, ramp, unit

SKULL = ((0.0, 0.03, -0.01, 0.085),)  # metres; throws a shadow on the torso
WRAP = (0.34, 0.22, 0.18)  # how far light creeps around skin
FLAT = (0.22, 0.22, 0.22)
HAIR = (0.3, 0.3, 0.3)


class _Lamps(NamedTuple):
  """Unit vectors (3,) in a frame of the head's or of the torso's."""

  key: list[float]
  fill: list[float]
  up: list[float]
  mirrored: list[float]  # half-way between the key light and the camera


def _lamps(stage: Stage, frame) -> _Lamps:
  """Where the lamps of a stage are for a frame, (4, 4)."""
  up = np.array([0.0, -1.0, 0.0])
  mirrored = unit(stage.key + np.array([0.0, 0.0, -1.0]))
  directions = np.array([stage.key, stage.fill, up, mirrored])
  turned = (frame[:3, :3] * directions[:, :, None]).sum(1)
  return _Lamps(*turned.tolist())


def _dot(vectors, direction: list[float]) -> np.ndarray:
  """Of (3, n) vectors with a direction (3,)."""
  x, y, z = direction
  return vectors[0] * x + vectors[1] * y + vectors[2] * z


def _lamp_light(stage: Stage, normal, lamps: _Lamps, wrap, open_to):
  """Diffuse light and the highlight on unit normals (3, n), as (4, n).

  wrap: (3,) how far the key light creeps around. open_to: shares, (n,) or
  numbers, of the key, the fill and the ambient light that arrive.
  """
  to_key, to_fill, to_all = open_to
  facing = _dot(normal, lamps.key)
  side = np.maximum(_dot(normal, lamps.fill), 0) * to_fill
  high = _dot(normal, lamps.up) * 0.5 + 0.5
  shine = np.maximum(_dot(normal, lamps.mirrored), 0)
  for _ in range(4):
    np.square(shine, out=shine)
  out = np.empty((4, len(facing)), np.float32)
  for channel, spread in enumerate(wrap):
    sky, ground = float(stage.sky[channel]), float(stage.ground[channel])
    lit = np.maximum((facing + spread) * (1 / (1 + spread)), 0)
    lit *= (0.65 * lit + 0.35) * (1.15 * float(stage.key_colour[channel]))
    around = (high * (sky - ground) + ground) * to_all
    out[channel] = (
      around + lit * to_key + side * float(stage.fill_colour[channel])
    )
  out[3] = shine * to_key * float(stage.key_colour.mean())
  return out


@functools.cache
def _seen_by_the_head() -> tuple[np.ndarray, np.ndarray]:
  """What the shared head's vertices see of the world: (9, v) harmonics, and
  the share (v,) of the ambient light that arrives.
  """
  visible = np.ascontiguousarray(anatomy().visibility.T)
  half_sphere = 0.282095 * 2 * np.pi
  ambient = np.clip(visible[0] / half_sphere, 0, 1) ** 0.8
  return visible.astype(np.float32), ambient.astype(np.float32)


def _openness(normal, lamps: _Lamps) -> tuple[np.ndarray, ...]:
  """Shares (v,) of key, fill and ambient light that reach the head.

  From what each vertex of the shared head sees of the world: features throw
  soft shadows upon one another.
  """
  visible, ambient = _seen_by_the_head()
  shares = []
  for direction in (lamps.key, lamps.fill):
    bands = harmonics(direction).tolist()
    seen = sum(share * band for share, band in zip(bands, visible, strict=True))
    # The same of a vertex whose horizon is free.
    free = np.maximum(0.75 * _dot(normal, direction) + 0.5, 0.25)
    shares.append(ramp(seen / free, 0.1, 0.95))
  return *shares, ambient


def _strand_shine(strand, lamps: _Lamps) -> np.ndarray:
  """A highlight across strands (3, n) of hair, strongest where they face the
  key.
  """
  along = _dot(strand, lamps.mirrored)
  fourth = np.square(np.square(1 - along * along))
  return fourth * fourth * fourth * 0.35


def _shadow(points, lamps: _Lamps, spheres) -> np.ndarray:
  """Share (n,) of the key light that spheres (x, y, z, radius) let through."""
  through = np.ones(points.shape[1], np.float32)
  for *centre, radius in spheres:
    away = [c - axis for c, axis in zip(centre, points, strict=True)]
    along = _dot(away, lamps.key)
    away = np.sqrt(np.maximum(sum(a * a for a in away) - along * along, 0))
    hidden = ramp(away, 1.35 * radius, 0.65 * radius)
    through *= 1 - 0.8 * hidden * ramp(along, 0.6 * radius, 1.5 * radius)
  return through


def vertices(person: Person, face, head, torso) -> np.ndarray:
  """Light and highlight at a person's vertices: (4, v) float32.

  face: (v, 3) the head's mesh in its own frame. head, torso: (4, 4) poses.
  """
  stage = person.stage
  over_head, over_torso = _lamps(stage, head), _lamps(stage, torso)
  normal = vertex_normals(face).astype(np.float32)
  fixed = _lamp_light(stage, person.fixed_normal, over_head, FLAT, (1, 1, 1))
  shine = _strand_shine(person.strand, over_head)
  fixed[3] *= np.where(person.hairy, shine, 1)
  chest = person.torso.T.astype(np.float32)
  open_to = _shadow(chest, over_torso, SKULL), 1, 1
  light = np.concatenate(
    [
      _lamp_light(stage, normal, over_head, WRAP, _openness(normal, over_head)),
      fixed,
      _lamp_light(stage, person.torso_normal, over_torso, FLAT, open_to),
    ],
    1,
  )
  light[3] *= person.gloss
  return light


def hairs(person: Person, head, which) -> np.ndarray:
  """Colour (3, n) of points of single hairs."""
  normal = person.hairs.normal.take(which, 1)
  lamps = _lamps(person.stage, head)
  light = _lamp_light(person.stage, normal, lamps, HAIR, (1, 1, 1))
  return person.hairs.colour.take(which, 1) * light[:3] + 0.04 * light[3]
