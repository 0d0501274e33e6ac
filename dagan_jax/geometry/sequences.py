"""Formulas of sequences: what changes over time, channel by channel."""

import jax.numpy as jnp
from jaxtyping import Array, Float

# What SSIM adds to means and variances of values that span about 1.
_LEAST_MEAN, _LEAST_VARIANCE = 0.01**2, 0.03**2


def temporal_ssim(
  truth: Float[Array, '*b t c'],
  answer: Float[Array, '*b t c'],
  span: float = 1.0,
) -> Float[Array, '*b c']:
  """Structural similarity over time, at most 1, of each channel.

  SSIM with the whole sequence as its only window [GoHD, eq. 25]: how far means,
  spreads and courses agree.

  Args:
    truth: a sequence.
    answer: another.
    span: how far such values reach.
  """
  means = [jnp.mean(x, axis=-2) for x in (truth, answer)]
  spreads = [x - jnp.mean(x, axis=-2, keepdims=True) for x in (truth, answer)]
  variances = [jnp.mean(x**2, axis=-2) for x in spreads]
  covariance = jnp.mean(spreads[0] * spreads[1], axis=-2)
  least_mean, least_variance = (
    least * span**2 for least in (_LEAST_MEAN, _LEAST_VARIANCE)
  )
  level = (2 * means[0] * means[1] + least_mean) / (
    means[0] ** 2 + means[1] ** 2 + least_mean
  )
  course = (2 * covariance + least_variance) / (
    variances[0] + variances[1] + least_variance
  )
  return level * course
