"""Pictures as files have them (uint8) and as networks do (floats in [0, 1])."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, UInt8


def unit(pictures: jax.typing.ArrayLike) -> Float[Array, '*b h w 3']:
  """Turns uint8 into floats in [0, 1]."""
  return jnp.asarray(pictures, jnp.float32) / 255


def bytes_of(
  pictures: Float[Array, '*b h w 3'],
) -> UInt8[Array, '*b h w 3']:
  """Rounds floats in [0, 1] to the nearest uint8."""
  return jnp.round(255 * pictures).astype(jnp.uint8)
