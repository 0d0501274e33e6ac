"""Points on a face, and how the face moves around each of them."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


class Keypoints(NamedTuple):
  """Points on a face, and how the face moves around each of them."""

  value: Float[Array, '*b k 2']  # (x, y) in [-1, 1]
  jacobian: Float[Array, '*b k 2 2']  # canonical frame to image


def gaussian_maps(
  points: Float[Array, 'b k 2'],
  height: int,
  width: int,
  *,
  variance: float = 0.01,
) -> Float[Array, 'b h w k']:
  """One map for each point: 1 at the point, falling off around it."""
  # A Gaussian is that of its row times that of its column: few exponentials.
  across, down = (
    jnp.exp(-0.5 * away**2 / variance)
    for away in offsets(points, height, width)
  )
  return jnp.moveaxis(across * down, 1, -1)


def offsets(
  points: Float[Array, 'b k 2'], height: int, width: int
) -> tuple[Float[Array, 'b k 1 w'], Float[Array, 'b k h 1']]:
  """How far columns lie to the right of points, and rows below them."""
  x, y = (jnp.linspace(-1.0, 1.0, length) for length in (width, height))
  return (x - points[..., :1])[:, :, None], (y - points[..., 1:])[..., None]


def inverse_2x2(
  matrix: Float[Array, '*b 2 2'],
) -> Float[Array, '*b 2 2']:
  """The inverse in closed form; infinite where the determinant is zero."""
  a, b = matrix[..., 0, 0], matrix[..., 0, 1]
  c, d = matrix[..., 1, 0], matrix[..., 1, 1]
  adjugate = jnp.stack(
    [jnp.stack([d, -b], axis=-1), jnp.stack([-c, a], axis=-1)], axis=-2
  )
  return adjugate / (a * d - b * c)[..., None, None]


def hull_area(points: jax.typing.ArrayLike) -> float:
  """Area of the convex hull of points 'k 2'; zero when they lie on a line.

  Used for the size of a face in its frame. Runs on the host.
  """
  import scipy.spatial  # takes longer than all other imports but JAX

  try:
    return float(scipy.spatial.ConvexHull(np.asarray(points)).volume)
  except scipy.spatial.QhullError:
    return 0.0
