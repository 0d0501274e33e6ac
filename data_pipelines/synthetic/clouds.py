"""Textures with the more contrast the coarser they are, as in nature."""

import numpy as np

TILE = 64  # lattice points along a side, then the noise repeats


def clouds(u, v, rng, scale, pixel, octaves=6, decay=0.55) -> np.ndarray:
  """1/f noise at the points (u, v), about -1 to 1 and 0 on average.

  scale: the size of the largest blobs; each octave halves it and is weaker by
  `decay`. pixel: what is finer cannot be seen and is left out; both in the
  units of u and v. Values come from a table of random numbers, not from
  libraries whose rounding differs.
  """
  table = 2 * rng.random(TILE * TILE) - 1
  shifts = TILE * rng.random((octaves, 2))
  total, weight, power = np.zeros(np.shape(u)), 1.0, 0.0
  for right, down in shifts:
    power += weight**2
    if scale > 1.5 * pixel:
      # Turned by 37 degrees from octave to octave, lest the lattice shows.
      total += weight * _lattice(u / scale + right, v / scale + down, table)
      u, v = 0.8 * u - 0.6 * v, 0.6 * u + 0.8 * v
    scale, weight = scale / 2, weight * decay
  return total * (1.5 / np.sqrt(power))


def _lattice(u, v, table: np.ndarray) -> np.ndarray:
  """Smooth noise in [-1, 1] that changes within a unit."""
  left, top = np.floor(u), np.floor(v)
  x, y = u - left, v - top
  x, y = x * x * (3 - 2 * x), y * y * (3 - 2 * y)
  left, top = left.astype(np.int64), top.astype(np.int64)
  right = (left + 1) & (TILE - 1)
  above = (top & (TILE - 1)) * TILE
  below = ((top + 1) & (TILE - 1)) * TILE
  left &= TILE - 1
  a, b = table.take(above + left), table.take(above + right)
  c, d = table.take(below + left), table.take(below + right)
  a += (b - a) * x
  c += (d - c) * x
  return a + (c - a) * y
