"""How far two pictures' features lie apart."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Features


def feature_distance(real: Features, fake: Features) -> Float[Array, '']:
  """Mean L1 distance at each layer, summed over the layers.

  On VGG's taps it is the perceptual loss at one scale [Johnson et al. 2016;
  DaGAN++, eq. 15], on the discriminator's features feature matching [Wang et
  al. 2018]. The real side is constant.
  """
  real = jax.lax.stop_gradient(real)
  return sum(jnp.mean(jnp.abs(r - f)) for r, f in zip(real, fake, strict=True))
