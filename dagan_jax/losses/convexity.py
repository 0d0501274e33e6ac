"""What is known of a head beforehand: a first guess, and how deep heads are."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from dagan_jax.geometry.shapes import Depths
from dagan_jax.geometry.warp import identity_flow

_WIDTH, _HEIGHT = 0.55, 0.75  # half-axes, in halves of the picture
_BACKGROUND = 0.5  # disparity around the head: room on either side
# Deviation of the relative disparity within a rendered person's head and neck,
# in units of the round head's relief. The half ellipsoid itself has 0.24: ears,
# hair and neck lie farther back than its rim.
_SPREAD = 0.37
_DEEPEST = 1.25  # times as far as the head's middle: what lies farther is wall


def head_outline(height: int, width: int) -> Float[Array, 'h w 1']:
  """How far inside the outline of `round_head`: 1 in its middle, 0 outside."""
  place = identity_flow(height, width) / jnp.array([_WIDTH, _HEIGHT])
  return jnp.maximum(0, 1 - jnp.sum(place**2, axis=-1, keepdims=True))


def find_person(depth: Depths) -> Bool[Array, 'b h w 1']:
  """What is about as far away as the middle of where heads are expected."""
  inside = head_outline(*depth.shape[1:3]) > 0
  middle = jnp.nanmedian(
    jnp.where(inside, depth, jnp.nan), axis=(1, 2), keepdims=True
  )
  return depth < _DEEPEST * middle


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


def relief_drift(
  disparity: Float[Array, 'b h w 1'],
  weight: Float[Array, 'b h w 1'],
  relief: float,
) -> Float[Array, '']:
  """How far heads are from being as deep, in the mean, as heads are.

  A deeper head that turns less looks much the same (the bas-relief ambiguity
  [Belhumeur et al. 1999]), and a scene twice as large that is twice as far just
  the same. So pictures do not hold either; both would run away together with
  the motion that they are seen by. Only means over the batch are held: how one
  head differs from another is left to the pictures.

  Args:
    disparity: of some heads.
    weight: where they are, not negative; no gradient flows through it.
    relief: of the round head.
  """
  weight = jax.lax.stop_gradient(weight)
  weight = weight / (jnp.sum(weight, axis=(1, 2), keepdims=True) + 1e-6)

  def over_heads(x):
    return jnp.sum(weight * x, axis=(1, 2), keepdims=True)

  mean = over_heads(disparity)
  variance = over_heads((disparity / (mean + 1e-6) - 1) ** 2)
  spread = jnp.mean(jnp.sqrt(variance + 1e-8))
  drifts = spread / (_SPREAD * relief) - 1, jnp.mean(mean) / _BACKGROUND - 1
  return sum(drift**2 for drift in drifts)
