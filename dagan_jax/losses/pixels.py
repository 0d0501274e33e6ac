"""How far two pictures lie apart, pixel by pixel, with nothing learnt."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.geometry.shapes import Images
from dagan_jax.losses.photometric import dissimilarity

SSIM_SHARE = 0.2


def pixel_distance(
  real: Images,
  fake: Images,
  scales: Sequence[float],
  where: Float[Array, 'b h w 1'] | None = None,
) -> Float[Array, '']:
  """Mean of |difference| + 0.2 (1 - SSIM) / 2, averaged over the scales.

  L1 finds colours and SSIM edges, which L1 alone would blur [Zhao et al. 2017].
  A pyramid lets shapes attract each other that do not overlap yet. The real
  side is constant.

  Args:
    real: pictures in [0, 1].
    fake: as many of the same size.
    scales: shares of that size; 1, 1/2, 1/3 and so on.
    where: how much each pixel counts, at least 0; all the same without it.
      Constant.
  """
  real = jax.lax.stop_gradient(real)
  where = None if where is None else jax.lax.stop_gradient(where)
  distances = []
  for scale in scales:
    a, b = (downsample_antialiased(image, scale) for image in (real, fake))
    error = jnp.abs(a - b) + SSIM_SHARE * dissimilarity(a, b)
    error = jnp.mean(error, axis=-1, keepdims=True)
    if where is None:
      distances.append(jnp.mean(error))
    else:
      weight = downsample_antialiased(where, scale)
      distances.append(jnp.sum(error * weight) / (jnp.sum(weight) + 1e-6))
  return sum(distances) / len(scales)


def weighted_distance(
  real: Images,
  fake: Images,
  scales: Sequence[float],
  weight: Float[Array, 'b h w 1'],
) -> Float[Array, '']:
  """Mean of |difference| times each pixel's weight, averaged over the scales.

  Args:
    real: pictures in [0, 1]. Constant, as the weight.
    fake: as many of the same size.
    scales: shares of that size; 1, 1/2, 1/3 and so on.
    weight: 1: the pixel counts as in a plain mean; 2: twice as much.
  """
  real, weight = jax.lax.stop_gradient((real, weight))
  distances = []
  for scale in scales:
    a, b, w = (downsample_antialiased(x, scale) for x in (real, fake, weight))
    distances.append(jnp.mean(jnp.abs(a - b) * w))
  return sum(distances) / len(scales)
