"""A warped face must have the warped keypoints."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.keypoints import inverse_2x2


def equivariance_value(
  points: Float[Array, 'b k 2'], returned: Float[Array, 'b k 2']
) -> Float[Array, '']:
  """L1 distance of keypoints from those of the warped frame, brought back.

  `returned` are the warped frame's keypoints, taken through the warp into the
  frame it came from [FOMM, eq. 11; DaGAN++, eq. 16].
  """
  return jnp.mean(jnp.abs(points - returned))


def equivariance_jacobian(
  jacobian: Float[Array, 'b k 2 2'], returned: Float[Array, 'b k 2 2']
) -> Float[Array, '']:
  """The same for Jacobians: |1 - J^-1 J'| [FOMM, eq. 12].

  It compares quotients, so that shrinking all Jacobians does not lower it.
  """
  quotient = inverse_2x2(jacobian) @ returned
  return jnp.mean(jnp.abs(jnp.eye(2) - quotient))
