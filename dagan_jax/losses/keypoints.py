"""Keypoints should not crowd."""

from typing import Literal

import jax.numpy as jnp
from jaxtyping import Array, Float

Form = Literal['sign', 'hinge']


def keypoint_distance(
  points: Float[Array, 'b k 2'],
  *,
  threshold: float,
  form: Form,
) -> Float[Array, '']:
  """Punishes pairs of keypoints that are nearer than the threshold.

  'sign' is the published form: 2 for each such pair, averaged over all k^2
  pairs [DaGAN++, eq. 17]. A step has no slope, so its gradient is exactly zero
  and its weight changes nothing but the printed total; we keep it so that
  losses can be compared. 'hinge' is the shortfall max(0, threshold - distance),
  averaged over the pairs of different points, which does push them apart.

  Args:
    points: the keypoints.
    threshold: how near they may be.
    form: of the loss.
  """
  count = points.shape[1]
  difference = points[:, :, None] - points[:, None]
  # The small term keeps the root's gradient finite on the diagonal.
  distance = jnp.sqrt(jnp.sum(difference**2, axis=-1) + 1e-8)
  if form == 'sign':
    distance = distance + threshold * jnp.eye(count)
    return jnp.mean(1 - jnp.sign(distance - threshold))
  shortfall = jnp.maximum(0, threshold - distance) * (1 - jnp.eye(count))
  return jnp.sum(shortfall) / (points.shape[0] * count * (count - 1))
