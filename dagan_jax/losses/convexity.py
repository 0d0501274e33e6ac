"""A first guess at a head, for learning to start from."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.warp import identity_flow

_WIDTH, _HEIGHT = 0.55, 0.75  # half-axes, in halves of the picture
_BACKGROUND = 0.5  # disparity around the head: room on either side


def head_outline(height: int, width: int) -> Float[Array, 'h w 1']:
  """How far inside the outline of `round_head`: 1 in its middle, 0 outside."""
  place = identity_flow(height, width) / jnp.array([_WIDTH, _HEIGHT])
  return jnp.maximum(0, 1 - jnp.sum(place**2, axis=-1, keepdims=True))


def round_head(height: int, width: int, relief: float) -> Float[Array, 'h w 1']:
  """Disparity of an upright half ellipsoid in the middle of the picture.

  `relief`: how much nearer its foremost point is, as a share of the distance.
  """
  bulge = jnp.sqrt(head_outline(height, width))
  return _BACKGROUND / (1 - relief * bulge)


def convex_start(
  disparity: Float[Array, 'b h w 1'], relief: float
) -> Float[Array, '']:
  """L1 distance from a round head [after Pan et al. 2021, GAN2Shape].

  From far away, a face that turns looks like its hollow mask turning the other
  way, and a flat face does not show turns at all. Depth that starts flat would
  therefore begin as noise, and might end as a hollow face.
  """
  head = round_head(*disparity.shape[1:3], relief)
  return jnp.mean(jnp.abs(disparity - head))
