"""Features of a fifth of a second of a voice."""

from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.blocks import BatchNorm
from dagan_jax.models.layers.convolution import default_bias, default_kernel

WIDTH = 32

# Of every convolution: features of the published encoder, size, strides (mel
# bands, time) and padding. A convolution that changes neither features nor size
# is added to its input.
_LAYERS = (
  (32, 3, (1, 1), 1),
  (32, 3, (1, 1), 1),
  (32, 3, (1, 1), 1),
  (64, 3, (3, 1), 1),
  (64, 3, (1, 1), 1),
  (64, 3, (1, 1), 1),
  (128, 3, (3, 3), 1),
  (128, 3, (1, 1), 1),
  (128, 3, (1, 1), 1),
  (256, 3, (3, 2), 1),
  (256, 3, (1, 1), 1),
  (256, 3, (1, 1), 1),
  (512, 3, (1, 1), 0),
  (512, 1, (1, 1), 0),
)


class AudioEncoder(nn.Module):
  """16 x width features, none negative, of 16 rows of a mel spectrum.

  The audio branch of Wav2Lip's SyncNet [Prajwal et al. 2020], whose features
  are not normalised here.

  Attributes:
    width: features of the first layers; 32 as published.
  """

  width: int = WIDTH

  @nn.compact
  def __call__(
    self, mel: Float[Array, 'n 80 16'], *, train: bool
  ) -> Float[Array, 'n f']:
    x = mel[..., None]
    for i, (features, size, strides, padding) in enumerate(_LAYERS):
      y = nn.Conv(
        features * self.width // WIDTH,
        (size, size),
        strides,
        padding=padding,
        kernel_init=default_kernel,
        bias_init=default_bias(size * size * x.shape[-1]),
        name=f'conv_{i}',
      )(x)
      y = BatchNorm(name=f'norm_{i}')(y, train=train)
      is_residual = x.shape == y.shape and size > 1
      x = nn.relu(x + y if is_residual else y)
    return x[:, 0, 0]
