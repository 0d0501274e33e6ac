"""The encoder and decoder that keypoints and dense motion share."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.blocks import (
  DownBlock,
  UpBlock,
)


class Hourglass(nn.Module):
  """Halves its input `blocks` times and comes back, joining equal sizes.

  Gives the decoder's maps, the finest last. The raw input is the last skip, so
  that one has c + width features (FOMM, supplementary material).
  """

  width: int
  max_width: int
  blocks: int

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> list[Float[Array, 'b _ _ _']]:
    skips, maps = [x], []
    for i in range(self.blocks):
      features = min(self.max_width, self.width * 2 ** (i + 1))
      skips.append(
        DownBlock(features, name=f'down_{i}')(skips[-1], train=train)
      )
    x = skips.pop()
    for j, i in enumerate(reversed(range(self.blocks))):
      features = min(self.max_width, self.width * 2**i)
      x = UpBlock(features, name=f'up_{j}')(x, train=train)
      x = jnp.concatenate([x, skips.pop()], axis=-1)
      maps.append(x)
    return maps
