"""Finds keypoints and their Jacobians, learnt without labels."""

from typing import Literal

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.geometry.warp import identity_flow
from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.hourglass import Hourglass
from dagan_jax.models.layers.mean_convolution import MeanConvolution

Sees = Literal['rgb', 'rgbd', 'depth']


class KeypointDetector(nn.Module):
  """The mean place and mean Jacobian under one heatmap for each keypoint.

  `sees` chooses the input: the picture (FOMM), the picture with its disparity
  as fourth channel [DaGAN, eq. 7], or the disparity alone. Whatever the
  picture's size, the hourglass sees `size` x `size` pixels of it.
  """

  keypoints: int
  width: int
  max_width: int
  blocks: int
  size: int
  temperature: float
  sees: Sees = 'rgbd'

  @nn.compact
  def __call__(
    self,
    image: Float[Array, 'b h w 3'],
    disparity: Float[Array, 'b h w 1'] | None,
    *,
    train: bool,
  ) -> Keypoints:
    x = {
      'rgb': (image,),
      'rgbd': (image, disparity),
      'depth': (disparity,),
    }[self.sees]
    scale = self.size / image.shape[1]
    x = downsample_antialiased(jnp.concatenate(x, axis=-1), scale)
    hourglass = Hourglass(
      self.width, self.max_width, self.blocks, name='hourglass'
    )
    x = hourglass(x, train=train)[-1]
    heat = Conv(self.keypoints, 7, padding=0, exact=True, name='heatmap')
    logits = heat(x)
    batch, height, width, k = logits.shape
    heatmap = heat_up(logits, self.temperature)
    grid = identity_flow(height, width).reshape(-1, 2)
    value = jnp.einsum('bnk,nc->bkc', heatmap, grid)

    jacobian = MeanConvolution(
      4,
      7,
      kernel_init=nn.initializers.zeros,
      bias_init=identity_bias,
      name='jacobian',
    )(x, heatmap.reshape(logits.shape))
    return Keypoints(value, jacobian.reshape(batch, k, 2, 2))


def heat_up(
  logits: Float[Array, 'b h w k'], temperature: float
) -> Float[Array, 'b h*w k']:
  """Maps whose pixels sum to 1 each, in float32."""
  batch, height, width, k = logits.shape
  logits = logits.reshape(batch, height * width, k) / temperature
  return nn.softmax(logits.astype(jnp.float32), axis=1)


def identity_bias(key, shape, dtype=jnp.float32):
  """[1, 0, 0, 1] for every keypoint: at first, nothing turns or stretches."""
  del key
  return jnp.tile(jnp.array([1, 0, 0, 1], dtype), shape[0] // 4)
