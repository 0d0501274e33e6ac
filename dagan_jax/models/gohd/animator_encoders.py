"""What GoHD's animator knows of a portrait, and of a motion."""

import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.equalised import EqualConv, blur
from dagan_jax.models.layers.linear import TimeConv


def features_at(resolution: int, width: int) -> int:
  """How many features a map of so many pixels has: fewer, the finer it is."""
  return min(width, 32 * width // resolution)


class AppearanceEncoder(nn.Module):
  """A portrait's identity, and its features at each resolution from 8 on.

  Attributes:
    width: of the identity, and of all maps up to 32 pixels.
  """

  width: int = 512

  @nn.compact
  def __call__(
    self, portrait: Float[Array, 'b h w 3']
  ) -> tuple[Float[Array, 'b z'], tuple[Float[Array, 'b _ _ _'], ...]]:
    """Identity, and maps, the coarsest first; the portrait is in [-1, 1]."""
    size = portrait.shape[1]
    x = EqualConv(features_at(size, self.width), 1, name='first')(portrait)
    maps = []
    for i in range(1, size.bit_length() - 2):
      maps.append(x)
      features = features_at(size >> i, self.width)
      x = HalvingBlock(features, name=f'block_{i}')(x)
    last = EqualConv(self.width, 4, is_activated=False, name='identity')
    return last(x)[:, 0, 0], tuple(reversed(maps))


class HalvingBlock(nn.Module):
  """Two convolutions and a short cut, each of which halves the resolution."""

  features: int

  @nn.compact
  def __call__(self, x: Float[Array, 'b h w c']) -> Float[Array, 'b _ _ f']:
    y = EqualConv(x.shape[-1], 3, padding=1, name='conv1')(x)
    y = EqualConv(self.features, 3, stride=2, name='conv2')(blur(y, (2, 2)))
    short = EqualConv(
      self.features, 1, stride=2, is_activated=False, name='skip'
    )
    return (y + short(blur(x, (1, 1)))) / np.sqrt(2)


class MotionEncoder(nn.Module):
  """A vector of a window of motion descriptors, 13 frames to each side.

  The mean over time at the end is the published code's; the paper writes
  maximum. It takes 27 frames, of which the middle one is to be drawn.
  """

  width: int = 512

  @nn.compact
  def __call__(self, motion: Float[Array, 'b 27 m']) -> Float[Array, 'b z']:
    x = TimeConv(self.width, 7, name='first')(motion)
    for i in range(3):
      y = nn.leaky_relu(x, 0.1)
      x = TimeConv(self.width, 3, 3, name=f'conv_{i}')(y) + x[:, 3:-3]
    return jnp.mean(x, axis=1)
