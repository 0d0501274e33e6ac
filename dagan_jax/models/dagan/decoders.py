"""From the generator's features to the picture."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.blocks import (
  ResBlock,
  SameBlock,
  UpBlock,
)
from dagan_jax.models.layers.convolution import Conv


class Decoder(nn.Module):
  """Residual blocks on the deepest features, then back to full resolution.

  Given one map of features it is DaGAN's. Given one for each level, every
  level joins its own: concatenated and fused by a convolution, but at full
  resolution only concatenated [DaGAN++, section 3.5].
  """

  widths: tuple[int, ...]  # of the levels, the finest first
  residual_blocks: int
  level_residual_blocks: int = 0  # after each fusion
  channels: int = 3  # a picture's, and more that the caller asks for

  @nn.compact
  def __call__(
    self, features: tuple[Float[Array, 'b _ _ _'], ...], *, train: bool
  ) -> Float[Array, 'b h w {self.channels}']:
    x, *others = features  # the deepest first
    for i in range(self.residual_blocks):
      x = ResBlock(self.widths[-1], name=f'residual_{i}')(x, train=train)
    for i, width in enumerate(reversed(self.widths[:-1])):
      x = UpBlock(width, name=f'up_{i}')(x, train=train)
      if not others:
        continue
      x = jnp.concatenate([x, others[i]], axis=-1)
      if i == len(others) - 1:
        continue
      x = SameBlock(width, name=f'fuse_{i}')(x, train=train)
      for j in range(self.level_residual_blocks):
        block = ResBlock(width, name=f'residual_{i}_{j}')
        x = block(x, train=train)
    x = Conv(self.channels, 7, name='final')(x)
    return nn.sigmoid(x.astype(jnp.float32))
