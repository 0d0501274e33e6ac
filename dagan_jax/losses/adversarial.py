"""Games between generator and discriminator: least squares, and logistic."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Scores = Float[Array, 'b *n 1']  # of the patches of pictures or sequences


def generator_gan(fake: Scores) -> Float[Array, '']:
  """Zero when every patch of the prediction passes for real [LSGAN, eq. 9]."""
  return jnp.mean((1 - fake) ** 2)


def discriminator_gan(real: Scores, fake: Scores) -> Float[Array, '']:
  """Zero when real patches score 1 and generated ones 0 [LSGAN, eq. 9]."""
  return jnp.mean((1 - real) ** 2) + jnp.mean(fake**2)


def logistic_generator_gan(fake: Scores) -> Float[Array, '']:
  """Minus the log-probability that what was made is real [GAN, section 3].

  The form that does not saturate where the discriminator is sure.
  """
  return jnp.mean(jax.nn.softplus(-fake))


def logistic_discriminator_gan(real: Scores, fake: Scores) -> Float[Array, '']:
  """Minus the log-probabilities of the right answers [GAN, eq. 1]."""
  return jnp.mean(jax.nn.softplus(-real)) + jnp.mean(jax.nn.softplus(fake))
