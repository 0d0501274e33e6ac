"""Grid patches: the curved rectangles that every part of a person is made of.

Lengths are canonical millimetres (an average adult, x to the image's right,
y down, z away from the camera, origin between the eyes' height and the ears).
"""

from typing import NamedTuple

import numpy as np


class Patch(NamedTuple):
  """A grid of vertices and the texture stretched over it.

  position: (r, c, 3). albedo: ((r - 1) * k, (c - 1) * k, 3), linear light.
  hair: whether it shines along strands rather than like skin or cloth.
  gloss: strength of the highlight. double: whether its inside is seen, too.
  """

  position: np.ndarray
  albedo: np.ndarray
  hair: bool = False
  gloss: float = 0.1
  double: bool = False


def bump(x, y, x0, y0, width, height):
  """A Gaussian hill of height 1 around (x0, y0), radii to exp(-1)."""
  return np.exp(-(((x - x0) / width) ** 2) - ((y - y0) / height) ** 2)


def ramp(value, start, stop):
  """Rises smoothly from 0 at start to 1 at stop (either may be larger)."""
  t = np.minimum(np.maximum((value - start) / (stop - start), 0), 1)
  return t * t * (3 - 2 * t)


def mix(first, second, amount):
  """first where amount is 0, second where it is 1."""
  return first + (second - first) * amount


def linear(*srgb) -> np.ndarray:
  """sRGB bytes to linear light; gamma 2, as square roots are exact."""
  return (np.array(srgb) / 255) ** 2


def spline(knots: np.ndarray, t: np.ndarray) -> np.ndarray:
  """Catmull-Rom curves through (n, k) knots, at t in [0, n - 1]: t's + (k,)."""
  first = np.clip(t.astype(int), 0, len(knots) - 2)
  u = (t - first)[..., None]
  before = knots[np.maximum(first - 1, 0)]
  a, b = knots[first], knots[first + 1]
  after = knots[np.minimum(first + 2, len(knots) - 1)]
  slope_a, slope_b = (b - before) / 2, (after - a) / 2
  return (
    a
    + u * slope_a
    + u**2 * (3 * (b - a) - 2 * slope_a - slope_b)
    + u**3 * (2 * (a - b) + slope_a + slope_b)
  )


def round_off(phi, power=2.3):
  """(sin, cos) of angles, pushed out from the circle towards the square."""
  sine, cosine = np.sin(phi), np.cos(phi)
  radius = (np.abs(sine) ** power + np.abs(cosine) ** power) ** (-1 / power)
  return sine * radius, cosine * radius


def texels(values: np.ndarray, k: int) -> np.ndarray:
  """(r, c, n) vertex values at texel centres: ((r - 1) k, (c - 1) k, n)."""
  offset = (np.arange(k) + 0.5) / k
  for axis in (0, 1):
    values = np.moveaxis(values, axis, 0)
    a, b = values[:-1, None], values[1:, None]
    fine = a + (b - a) * offset.reshape(1, k, *[1] * (values.ndim - 1))
    values = np.moveaxis(fine.reshape(-1, *values.shape[1:]), 0, axis)
  return values


def waves(points: np.ndarray, rng, scale: float, count: int = 5) -> np.ndarray:
  """Smooth noise in [-1, 1] over (..., 3) points, blobs of about scale mm."""
  total = np.zeros(points.shape[:-1])
  for _ in range(count):
    x, y, z = (rng.random(3) * 2 - 1) * 2.6 / scale
    phase = 2 * np.pi * rng.random()
    total += np.sin(
      x * points[..., 0] + y * points[..., 1] + z * points[..., 2] + phase
    )
  return total / count


def normals(position: np.ndarray) -> np.ndarray:
  """Unit normals (r, c, 3) of a grid, outward where rows run down the front."""
  down = np.empty_like(position)
  down[1:-1] = position[2:] - position[:-2]
  down[0] = position[1] - position[0]
  down[-1] = position[-1] - position[-2]
  right = np.empty_like(position)
  right[:, 1:-1] = position[:, 2:] - position[:, :-2]
  right[:, 0] = position[:, 1] - position[:, 0]
  right[:, -1] = position[:, -1] - position[:, -2]
  for pole, next_row in ((0, 1), (-1, -2)):
    if np.abs(right[pole]).max() < 1e-9:
      right[pole] = right[next_row]
  return unit(cross(down, right))


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """Cross product over the last axis, written out for speed."""
  out = np.empty_like(a)
  out[..., 0] = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
  out[..., 1] = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
  out[..., 2] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
  return out


def unit(v: np.ndarray) -> np.ndarray:
  """Vectors scaled to length 1 over the last axis; zero stays zero."""
  square = v[..., 0] ** 2 + v[..., 1] ** 2 + v[..., 2] ** 2
  return v / np.sqrt(np.maximum(square, 1e-30))[..., None]


def harmonics(direction: np.ndarray) -> np.ndarray:
  """The nine real spherical harmonics up to the second band: (9,)."""
  x, y, z = direction
  first, second = 0.488603, 1.092548
  return np.array([
    0.282095, first * y, first * z, first * x, second * x * y, second * y * z,
    0.315392 * (3 * z * z - 1), second * x * z, 0.546274 * (x * x - y * y),
  ])  # fmt: skip
