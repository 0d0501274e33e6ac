"""Tells real frames from generated ones, patch by patch."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.keypoints import gaussian_maps
from dagan_jax.geometry.shapes import Features
from dagan_jax.models.layers.blocks import average_pool
from dagan_jax.models.layers.convolution import Conv


class Discriminator(nn.Module):
  """Features of every block, and one score for each patch.

  With `sees_keypoints`, the driving keypoints come along as Gaussian maps
  [DaGAN supplementary; FOMM].
  """

  width: int
  max_width: int
  blocks: int
  sees_keypoints: bool = True

  @nn.compact
  def __call__(
    self, image: Float[Array, 'b h w 3'], keypoints: Float[Array, 'b k 2']
  ) -> tuple[Features, Float[Array, 'b _ _ 1']]:
    x = image
    if self.sees_keypoints:
      maps = gaussian_maps(keypoints, *image.shape[1:3])
      x = jnp.concatenate([x, maps], axis=-1)
    features = []
    for i in range(self.blocks):
      width = min(self.max_width, self.width * 2**i)
      x = _Block(width, norm=i > 0, pool=i < self.blocks - 1, name=f'down_{i}')(
        x
      )
      features.append(x.astype(jnp.float32))
    return tuple(features), Conv(1, 1, exact=True, name='head')(x)


class _Block(nn.Module):
  features: int
  norm: bool
  pool: bool

  @nn.compact
  def __call__(self, x):
    x = Conv(self.features, 4, padding=0, name='conv')(x)
    if self.norm:
      # As PyTorch's: its epsilon, and the variance in two passes.
      x = nn.InstanceNorm(
        epsilon=1e-5, use_fast_variance=False, dtype=x.dtype, name='norm'
      )(x)
    x = nn.leaky_relu(x, 0.2)
    return average_pool(x) if self.pool else x
