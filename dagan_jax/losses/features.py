"""How far two pictures' features lie apart."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.geometry.shapes import Features, Images


def feature_distance(
  real: Features,
  fake: Features,
  weight: Float[Array, 'b h w 1'] | None = None,
) -> Float[Array, '']:
  """Mean L1 distance at each layer, summed over the layers.

  On VGG's taps it is the perceptual loss at one scale [Johnson et al. 2016;
  DaGAN++, eq. 15], on the discriminator's features feature matching [Wang et
  al. 2018]. The real side is constant.

  Args:
    real: features of the true pictures.
    fake: of the others.
    weight: how much each pixel counts, of a map of any size; all 1 without it.
      Constant.
  """
  real = jax.lax.stop_gradient(real)
  distances = []
  for r, f in zip(real, fake, strict=True):
    apart = jnp.abs(r - f)
    if weight is not None:
      apart *= jax.image.resize(weight, (*r.shape[:3], 1), 'linear')
    distances.append(jnp.mean(apart))
  return sum(distances)


def perceptual_distance(
  see: Callable[[Images], Features],
  real: Images,
  fake: Images,
  scales: Sequence[float],
  weight: Float[Array, 'b h w 1'] | None = None,
) -> Float[Array, '']:
  """The perceptual loss: `feature_distance` summed over scales of a picture.

  Args:
    see: the judge's features of pictures.
    real: true pictures, which are constant.
    fake: the others.
    scales: shares of their size; 1, 1/2, 1/3 and so on.
    weight: how much each pixel counts; all 1 without it. Constant.
  """
  return sum(
    feature_distance(
      *(
        see(downsample_antialiased(picture, scale)) for picture in (real, fake)
      ),
      weight,
    )
    for scale in scales
  )
