"""Where the shared head's texels lie, and smooth noise over them.

Every quad has its own square of texels, finer where the mesh is coarse, so
that skin needs no atlas: its colours are formulas of canonical millimetres.
"""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import SKIN, anatomy

COARSEST = 12  # texels along a quad, at most
OCTAVES = (34.0, 15.0, 7.0, 3.2)  # mm, the noise's lattices
FIELDS = 4  # independent fields of noise per octave; people mix them


class Texels(NamedTuple):
  """The texels of the skin; others than the skin's lie first, one a quad."""

  first: np.ndarray  # (q,) first texel of each quad
  stride: np.ndarray  # (q,) texels along it
  place: np.ndarray  # (n, 3) canonical mm of the skin's
  start: int  # number of the skin's first
  noise: np.ndarray  # (octaves, FIELDS, n) in [-1, 1]
  grain: np.ndarray  # (FIELDS, n) independent noise in [-1, 1]


@functools.lru_cache(maxsize=3)
def texels(pitch: float) -> Texels:
  """Texels about `pitch` mm wide on the face, coarser behind it."""
  shared = anatomy()
  corners = shared.base[shared.quads]
  a, b, c, d = np.moveaxis(corners, 1, 0)
  long = np.maximum(_length(c - a), _length(d - b)) / np.sqrt(2)
  behind = corners[..., 2].mean(1) > -10
  count = np.round(long / (pitch * np.where(behind, 2.5, 1.0)))
  count = np.clip(count, 1, COARSEST).astype(np.intp)
  count[shared.parts != SKIN] = 1
  skin = np.flatnonzero(shared.parts == SKIN)
  others = np.flatnonzero(shared.parts != SKIN)
  first = np.zeros(len(count), np.intp)
  first[others] = np.arange(len(others))
  sizes = count[skin] ** 2
  first[skin] = len(others) + np.cumsum(sizes) - sizes
  place = np.empty((int(sizes.sum()), 3))
  for k in np.unique(count[skin]):
    which = skin[count[skin] == k]
    at = (np.arange(k) + 0.5) / k
    right, down = at[None, :, None], at[:, None, None]
    a, b, c, d = (corners[which, i][:, None, None] for i in range(4))
    top, bottom = a + (b - a) * right, d + (c - d) * right
    block = (top + (bottom - top) * down).reshape(-1, 3)
    numbers = first[which][:, None] - len(others) + np.arange(k * k)
    place[numbers.ravel()] = block
  rng = np.random.default_rng(20_240_607)
  noise = np.empty((len(OCTAVES), FIELDS, len(place)))
  for octave, scale in enumerate(OCTAVES):
    noise[octave] = _noise(place, rng, scale)
  grain = rng.random((FIELDS, len(place))) * 2 - 1
  return Texels(first, count, place, len(others), noise, grain)


def _length(v: np.ndarray) -> np.ndarray:
  return np.sqrt((v * v).sum(-1))


def _noise(place: np.ndarray, rng, scale: float) -> np.ndarray:
  """FIELDS fields of smooth noise on a lattice of `scale` mm: (FIELDS, n)."""
  spot = (place - place.min(0)) / scale
  low = spot.astype(np.intp)
  part = spot - low
  part = part * part * (3 - 2 * part)
  x, y, z = low.max(0) + 2
  lattice = rng.random((FIELDS, x * y * z)) * 2 - 1
  corner = (low[:, 0] * y + low[:, 1]) * z + low[:, 2]
  total = np.zeros((FIELDS, len(place)))
  for i in (0, 1):
    for j in (0, 1):
      for k in (0, 1):
        weight = (
          (part[:, 0] if i else 1 - part[:, 0])
          * (part[:, 1] if j else 1 - part[:, 1])
          * (part[:, 2] if k else 1 - part[:, 2])
        )
        total += lattice[:, corner + (i * y + j) * z + k] * weight
  return total


def own_noise(fields: np.ndarray, rng) -> np.ndarray:
  """One person's mixture (n,) of fields of noise (FIELDS, n)."""
  mixture = rng.random(len(fields)) * 2 - 1
  mixture /= np.sqrt((mixture**2).sum())
  total = np.zeros(fields.shape[1])
  for weight, field in zip(mixture, fields, strict=True):
    total += weight * field
  return total
