"""ResNet-18 and ResNet-50 as torchvision builds them, headless."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.blocks import BatchNorm
from dagan_jax.models.layers.convolution import Conv

STAGES = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}  # blocks in each of four layers

kaiming = nn.initializers.variance_scaling(2.0, 'fan_out', 'normal')


class ResNet(nn.Module):
  """Features at a half, a quarter, ... a thirty-second of the resolution.

  The first is taken before the max-pool. Widths are 64, 64, 128, 256, 512 for
  18 layers and 64, 256, 512, 1024, 2048 for 50 [He et al. 2016], or as much
  less as `width` is less than 64.
  """

  layers: int = 18
  width: int = 64

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> tuple[Float[Array, 'b _ _ _'], ...]:
    x = _conv(self.width, 7, stride=2, name='conv')(x)
    features = [nn.relu(BatchNorm(name='norm')(x, train=train))]
    # After a ReLU nothing is less than what lies outside.
    x = jnp.pad(features[0], ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = nn.max_pool(x, window_shape=(3, 3), strides=(2, 2))
    for stage, blocks in enumerate(STAGES[self.layers], start=1):
      for i in range(blocks):
        x = _Block(
          self.width * 2 ** (stage - 1),
          stride=2 if stage > 1 and i == 0 else 1,
          bottleneck=self.layers >= 50,
          name=f'block_{stage}_{i}',
        )(x, train=train)
      features.append(x)
    return tuple(features)


class _Block(nn.Module):
  """Two 3x3 convolutions, or 1x1, 3x3, 1x1 as a bottleneck; plus identity."""

  features: int
  stride: int
  bottleneck: bool

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> Float[Array, 'b _ _ f']:
    width = self.features
    if self.bottleneck:  # stride in the 3x3, "version 1.5"
      plan = [(width, 1, 1), (width, 3, self.stride), (4 * width, 1, 1)]
    else:
      plan = [(width, 3, self.stride), (width, 3, 1)]
    y = x
    for i, (features, size, stride) in enumerate(plan, start=1):
      y = _conv(features, size, stride=stride, name=f'conv_{i}')(y)
      y = BatchNorm(name=f'norm_{i}')(y, train=train)
      y = nn.relu(y) if i < len(plan) else y
    if x.shape != y.shape:
      x = _conv(y.shape[-1], 1, stride=self.stride, name='shortcut')(x)
      x = BatchNorm(name='shortcut_norm')(x, train=train)
    return nn.relu(x + y)


def _conv(features, size, *, stride, name):
  return Conv(
    features, size, stride, use_bias=False, kernel_init=kaiming, name=name
  )
