"""Beanies and caps."""

import numpy as np

from data_pipelines.synthetic.hair import CENTRE, sheet
from data_pipelines.synthetic.head import Head
from data_pipelines.synthetic.surface import Patch, linear, mix, ramp, unit
from data_pipelines.synthetic.traits import Traits


def hat(person: Traits, face: Head, detail: float, k: int) -> list[Patch]:
  """A beanie or a cap in this person's mm, or nothing."""
  if not person.hat:
    return []
  rng = np.random.default_rng((person.seed, 2))
  phi = np.linspace(-np.pi, np.pi, 2 * round(36 * detail) + 1)
  q = np.linspace(0, 1, round(24 * detail) + 2)
  lowest = -46.0 + 14 * rng.random() - 10 * (person.hat == 'cap')
  edge = lowest + 8 * (1 - np.cos(phi))
  position = sheet(face, edge, phi, q, 'crop')
  thick = mix(13.0, 9.0, q)[:, None] * np.ones_like(phi)
  band = person.hat == 'beanie'
  if band:
    thick += 3.0 * ramp(q, 0.68, 0.70)[:, None]
  thick *= mix(1, 0.2, ramp(q, 0.985, 1.0))[:, None]
  position = position + thick[..., None] * unit(position - CENTRE)
  colour = linear(*(40 + 170 * rng.random(3)))
  shape = ((len(q) - 1) * k, (len(phi) - 1) * k)
  ribs = 1 + (0.12 if band else 0) * np.sin(np.arange(shape[1]) * 2.2 / k)
  albedo = colour * np.broadcast_to(ribs[:, None], (*shape, 3))
  patches = [Patch(position, albedo, gloss=0.02)]
  if not band:
    patches.append(_brim(face, detail, k, colour * 0.8, lowest))
  return patches


def _brim(face: Head, detail: float, k: int, colour, edge) -> Patch:
  phi = np.linspace(-1.15, 1.15, 2 * round(14 * detail) + 1)
  out = np.linspace(0, 1, round(8 * detail) + 2)[:, None]
  start = sheet(face, edge * np.ones_like(phi), phi, np.ones(1), 'crop')
  reach = np.maximum(np.cos(phi * 1.36), 0) ** 0.5
  position = np.repeat(start, len(out), axis=0)
  position[..., 0] *= 1.08
  position[..., 2] -= 6 + 82 * out * reach
  position[..., 1] += -8 + out * reach * 11 + 9 * np.sin(phi) ** 2
  shape = ((len(out) - 1) * k, (len(phi) - 1) * k, 3)
  return Patch(
    position, np.broadcast_to(colour, shape), gloss=0.05, double=True
  )
