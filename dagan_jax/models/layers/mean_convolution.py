"""What a convolution finds on average where heatmaps are warm."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float


class MeanConvolution(nn.Module):
  """Convolves without a margin; gives the mean under each of k heatmaps.

  Every heatmap has `features` of its own: the kernel's last axis is theirs, one
  heatmap after the other. Convolving is linear, so that the map may be averaged
  before: then there are k windows to convolve, in place of one for each pixel.

  Attributes:
    features: of each heatmap.
    size: of the kernel, rows and columns.
    kernel_init: of the kernel.
    bias_init: of the bias.
  """

  features: int
  size: int
  kernel_init: nn.initializers.Initializer
  bias_init: nn.initializers.Initializer

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b H W c'], heatmaps: Float[Array, 'b h w k']
  ) -> Float[Array, 'b k f']:
    """The means.

    Args:
      x: the map, `size` - 1 pixels larger than the heatmaps.
      heatmaps: the pixels of each sum to 1.
    """
    size, channels, count = self.size, x.shape[-1], heatmaps.shape[-1]
    features = count * self.features
    kernel = self.param(
      'kernel', self.kernel_init, (size, size, channels, features)
    )
    bias = self.param('bias', self.bias_init, (features,))
    mean = jnp.einsum(
      'bijck,ijckf->bkf',
      average_windows(x, heatmaps, size),
      kernel.reshape(size, size, channels, count, self.features),
    )
    return mean + bias.reshape(count, self.features)


def average_windows(
  x: Float[Array, 'b H W c'], heatmaps: Float[Array, 'b h w k'], size: int
) -> Float[Array, 'b s s c k']:
  """The mean window of s x s pixels of a map, under each heatmap.

  It is one matrix product: s copies of the map, each a row lower, and s copies
  of the heatmaps, each a column further right, meet in every combination.
  """
  height = heatmaps.shape[1]
  rows = jnp.stack([x[:, i : i + height] for i in range(size)], axis=-2)
  columns = jnp.stack(
    [
      jnp.pad(heatmaps, ((0, 0), (0, 0), (j, size - 1 - j), (0, 0)))
      for j in range(size)
    ],
    axis=-2,
  )
  return jnp.einsum('byxic,byxjk->bijck', rows, columns)
