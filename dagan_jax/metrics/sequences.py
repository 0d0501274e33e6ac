"""How sequences of head poses, gazes and the noise in them compare."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.sequences import temporal_ssim
from dagan_jax.geometry.shapes import Values

FRAME_RATE = 25  # frames a second
_FAST = 1.0  # hertz, from which on a head's movement counts as fast
_SPAN = 30.0  # degrees that heads and gazes reach

Sequences = Float[Array, 'b t c']  # degrees


def noise_error(truth: Float[Array, 'b *n'], found: Float[Array, 'b *n']):
  """Mean squared difference of the noise that was added and that is found.

  Of what finds nothing, 0 everywhere, it is 1.
  """
  axes = tuple(range(1, truth.ndim))
  return jnp.mean((truth - found) ** 2, axis=axes)


def motion_variance(motion: Sequences) -> Values:
  """Variance over time, averaged over the channels, in squared degrees."""
  return jnp.mean(jnp.var(motion, axis=1), axis=-1)


def fast_share(motion: Sequences) -> Values:
  """The share of the variance that is faster than one hertz; NaN: it is still.

  A sequence is weighed by a Hann window first: else a slow turn that does not
  end where it began would count as fast.
  """
  count = motion.shape[1]
  window = jnp.hanning(count)[:, None]
  mean = jnp.sum(window * motion, axis=1, keepdims=True) / jnp.sum(window)
  power = jnp.sum(abs(jnp.fft.rfft(window * (motion - mean), axis=1)) ** 2, -1)
  fast = jnp.fft.rfftfreq(count, 1 / FRAME_RATE) > _FAST
  total = jnp.sum(power, axis=1)
  share = jnp.sum(power * fast, axis=1) / jnp.where(total > 0, total, 1)
  return jnp.where(total > 0, share, jnp.nan)


def motion_ssim(truth: Sequences, motion: Sequences) -> Values:
  """SSIM over time, averaged over the channels, of values that span 30 degrees.

  GoHD's SSIM_p; a sample that is as good as the truth but another has little.
  """
  return jnp.mean(temporal_ssim(truth, motion, _SPAN), axis=-1)


def gaze_error(
  truth: Float[Array, 'b t 2'], found: Float[Array, 'b t 2']
) -> Values:
  """Mean angle between two gazes, degrees; NaN frames do not count.

  Args:
    truth: yaw and pitch, degrees.
    found: likewise.
  """
  one, other = _point_along(truth), _point_along(found)
  sine = jnp.linalg.norm(jnp.cross(one, other), axis=-1)
  cosine = jnp.sum(one * other, axis=-1)
  return jnp.nanmean(jnp.degrees(jnp.arctan2(sine, cosine)), axis=1)


def _point_along(gaze: Float[Array, 'b t 2']) -> Float[Array, 'b t 3']:
  """Unit vectors of yaw and pitch."""
  yaw, pitch = jnp.moveaxis(jnp.radians(gaze), -1, 0)
  flat = jnp.cos(pitch)
  parts = jnp.sin(yaw) * flat, jnp.sin(pitch), jnp.cos(yaw) * flat
  return jnp.stack(parts, axis=-1)
