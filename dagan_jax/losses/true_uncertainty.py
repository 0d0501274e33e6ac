"""Teaching by the truth what does not move with the head."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

_LEAST = 1e-4  # so that a certain mistake costs something finite


def true_uncertainty_surprise(
  truth: Bool[Array, '*b h w 1'], uncertainty: Float[Array, '*b h w 1']
) -> Float[Array, '']:
  """Cross-entropy of uncertainty, taken for a probability; 0 is best."""
  right = jnp.where(truth, uncertainty, 1 - uncertainty)
  return -jnp.mean(jnp.log(jnp.maximum(right, _LEAST)))
