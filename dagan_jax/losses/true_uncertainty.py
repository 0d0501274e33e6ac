"""Teaching by the truth what does not move with the head."""

import jax.numpy as jnp
from jaxtyping import Array, Float

_LEAST = 1e-4  # so that a certain mistake costs something finite


def true_uncertainty_surprise(
  truth: Float[Array, '*b h w 1'], uncertainty: Float[Array, '*b h w 1']
) -> Float[Array, '']:
  """What uncertainty, a probability, misses of the true one, in nats.

  The Kullback-Leibler divergence: 0 where they agree, or else more.
  """
  pairs = (truth, uncertainty), (1 - truth, 1 - uncertainty)
  return sum(
    jnp.mean(true * (_log(true) - _log(found))) for true, found in pairs
  )


def _log(probability):
  return jnp.log(jnp.maximum(probability, _LEAST))
