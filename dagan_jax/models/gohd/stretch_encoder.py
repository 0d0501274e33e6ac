"""Features of the frames of a voice, which know what is around them."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.conformer import EPSILON
from dagan_jax.models.layers.linear import Linear

WIDTH = 192
DROPOUT = 0.15
BANDS = 32, 64
DILATIONS = 1, 1, 2, 2  # frames from one to the next that a block sees
_SILENCE = -3.5  # what the mean of a row of silence is below
_LEAST = 1e-3


class StretchEncoder(nn.Module):
  """Features of each frame of a voice, and of the frames around it.

  What the same sound is in another throat or room lies a bit higher or lower in
  the spectrum: convolutions over its bands, of a spectrum less its mean, care
  little. Others over time tell a phone from what comes before and after.

  Attributes:
    width: features.
    dropout: share of features that training leaves out.
    bands: features of each of the two convolutions over bands.
    dilations: of each block: frames from one to the next that it sees. A frame
      knows of as many before and after as they are together.
  """

  width: int = WIDTH
  dropout: float = DROPOUT
  bands: tuple[int, int] = BANDS
  dilations: tuple[int, ...] = DILATIONS

  @nn.compact
  def __call__(
    self, mel: Float[Array, 'b t 80 16'], *, train: bool
  ) -> Float[Array, 'b t f']:
    count, frames = mel.shape[:2]
    x = subtract_mean(mel).reshape(-1, *mel.shape[2:])
    layers = zip(self.bands, (7, 3), (4, 2), strict=True)
    for number, (features, size, stride) in enumerate(layers):
      x = nn.relu(_convolve(features, size, stride, name=f'bands_{number}')(x))
      x = _norm(f'norm_bands_{number}')(x)
    x = Linear(self.width, name='join')(x.reshape(count, frames, -1))
    x = _norm('norm_join')(nn.relu(x))
    drop = nn.Dropout(self.dropout, deterministic=not train)
    for number, dilation in enumerate(self.dilations):
      around = _convolve(
        self.width, 3, dilation=dilation, name=f'around_{number}'
      )
      y = nn.relu(around(_norm(f'norm_{number}')(x)))
      x = x + Linear(self.width, name=f'feed_{number}')(drop(y))
    return _norm('norm_last')(x)


def subtract_mean(mel: Float[Array, 'b t n m']) -> Float[Array, 'b t n m']:
  """A spectrum less its mean over time, in which silence counts little.

  Voices, microphones and rooms differ by it, and what is said does not.
  """
  loud = nn.relu(jnp.mean(mel, axis=2, keepdims=True) - _SILENCE) + _LEAST
  total = jnp.sum(loud, axis=(1, 3), keepdims=True)
  return mel - jnp.sum(loud * mel, axis=(1, 3), keepdims=True) / total


def _convolve(
  features: int, size: int, stride: int = 1, *, dilation: int = 1, name: str
) -> nn.Conv:
  return nn.Conv(
    features, (size,), (stride,), kernel_dilation=(dilation,), name=name
  )


def _norm(name: str) -> nn.LayerNorm:
  return nn.LayerNorm(epsilon=EPSILON, name=name)
