"""Random smooth warps of the plane, to test keypoints for equivariance."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.warp import identity_flow


class ThinPlate(NamedTuple):
  """A warp p -> A p + t + sum_c w_c d_c^2 log d_c for each example.

  d_c is the L1 distance to control point c of an even grid over the image; the
  same bending is added to x and to y, as in the published code.
  """

  affine: Float[Array, 'b 2 3']  # [A | t]
  bending: Float[Array, 'b c']  # w_c, the control points row by row


def random_thin_plate(
  key: jax.Array, batch: int, *, affine: float, bending: float, points: int
) -> ThinPlate:
  """A warp near the identity for each example.

  Args:
    key: a JAX random key.
    batch: number of examples.
    affine: standard deviation of the affine part around the identity.
    bending: standard deviation of the control points' weights.
    points: control points along each side of the image.
  """
  affine_key, bending_key = jax.random.split(key)
  noise = affine * jax.random.normal(affine_key, (batch, 2, 3))
  weights = bending * jax.random.normal(bending_key, (batch, points**2))
  return ThinPlate(jnp.eye(2, 3) + noise, weights)


def transform_points(
  plate: ThinPlate, points: Float[Array, 'b n 2']
) -> Float[Array, 'b n 2']:
  """Where the warp takes points (x, y) in [-1, 1]."""
  return jax.vmap(jax.vmap(_transform, (None, None, 0)))(
    plate.affine, plate.bending, points
  )


def transform_jacobians(
  plate: ThinPlate, points: Float[Array, 'b n 2']
) -> Float[Array, 'b n 2 2']:
  """How the warp stretches and turns the plane around each point."""
  return jax.vmap(jax.vmap(jax.jacfwd(_transform, 2), (None, None, 0)))(
    plate.affine, plate.bending, points
  )


def transform_flow(
  plate: ThinPlate, height: int, width: int
) -> Float[Array, 'b h w 2']:
  """The warp as a flow: sampling at it gives I'(z) = I(transform(z))."""
  batch = plate.affine.shape[0]
  grid = identity_flow(height, width).reshape(1, -1, 2)
  grid = jnp.broadcast_to(grid, (batch, *grid.shape[1:]))
  return transform_points(plate, grid).reshape(batch, height, width, 2)


def _transform(affine, bending, point):
  side = round(bending.shape[0] ** 0.5)
  controls = identity_flow(side, side).reshape(-1, 2)
  distance = jnp.sum(jnp.abs(point - controls), axis=-1)
  bend = jnp.sum(bending * distance**2 * jnp.log(distance + 1e-6))
  return affine[:, :2] @ point + affine[:, 2] + bend
