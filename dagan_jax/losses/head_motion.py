"""Teaching one pass of a network what a solver finds in many steps."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.alignment import SHIFT, TURN

Motions = tuple[Float[Array, 'b p 3'], Float[Array, 'b p 3']]


def head_motion_distance(
  true: Motions, found: Motions, trust: Float[Array, 'b p']
) -> Float[Array, '']:
  """L1 distance of turns and shifts, each in units of a usual one.

  Args:
    true: what is to be found: axis times angle, and translation.
    found: the network's.
    trust: the weight of each pair, from 0 to 1.
  """
  true, trust = jax.lax.stop_gradient((true, trust))
  distances = (
    jnp.mean(jnp.abs(t - f), axis=-1) / unit
    for t, f, unit in zip(true, found, (TURN, SHIFT), strict=True)
  )
  return jnp.mean(trust * sum(distances))
