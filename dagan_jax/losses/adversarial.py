"""The least-squares game between generator and discriminator."""

import jax.numpy as jnp
from jaxtyping import Array, Float

Scores = Float[Array, 'b *n 1']  # of the patches of pictures or sequences


def generator_gan(fake: Scores) -> Float[Array, '']:
  """Zero when every patch of the prediction passes for real [LSGAN, eq. 9]."""
  return jnp.mean((1 - fake) ** 2)


def discriminator_gan(real: Scores, fake: Scores) -> Float[Array, '']:
  """Zero when real patches score 1 and generated ones 0 [LSGAN, eq. 9]."""
  return jnp.mean((1 - real) ** 2) + jnp.mean(fake**2)
