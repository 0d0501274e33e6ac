"""Points on a face, and how the face moves around each of them."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.warp import identity_flow


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
  grid = identity_flow(height, width)[None, :, :, None]
  distance = jnp.sum((grid - points[:, None, None]) ** 2, axis=-1)
  return jnp.exp(-0.5 * distance / variance)


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
