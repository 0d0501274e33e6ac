"""Attention that knows how far apart two frames are."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

_SMALLEST = 1e-8  # what the steepest slope leaves at the edge of its view
# How many frames the nearest and the farthest-sighted head see, half of which
# lie before the frame; the farthest is half of the 150 that GoHD learns from.
_NEAREST, _FARTHEST = 5, 75


class PositionBias(nn.Module):
  """What is added to the logits of attention, by the distance of two frames.

  A sum of steps, smoothed and of any sign, under a slope that falls on both
  sides [Wennberg and Henter 2024, TISA version 2]. It holds for any length.

  Attributes:
    heads: of the attention.
    kernels: how many steps.
    dropout: share of the steps that training leaves out.
  """

  heads: int = 8
  kernels: int = 21
  dropout: float = 0.0

  @nn.compact
  def __call__(self, frames: int, *, train: bool) -> Float[Array, 'heads t t']:
    """The bias of each query (rows) to each key (columns)."""
    shape = (self.kernels, self.heads)
    offsets = self.param('offsets', nn.initializers.normal(15.0), shape)
    amplitudes = self.param('amplitudes', nn.initializers.normal(0.01), shape)
    sharpness = self.param('sharpness', nn.initializers.constant(5.0), shape)
    bias = self.param('bias', nn.initializers.ones, shape[1:])
    distance = np.arange(1 - frames, frames, dtype=np.float32)[:, None, None]
    steps = jax.nn.sigmoid(
      jnp.sign(amplitudes) * (distance - offsets) / sharpness
    )
    drop = nn.Dropout(self.dropout, deterministic=not train)
    height = jnp.sum(drop(abs(amplitudes) * steps), axis=1)
    slopes = abs(distance[:, 0]) * head_slopes(self.heads)
    by_distance = jnp.log(height + _SMALLEST + abs(bias)) - slopes
    # Row i holds the distances i, i - 1 ... of query i to keys 0, 1 ...
    index = np.arange(frames)[:, None] - np.arange(frames) + frames - 1
    return jnp.moveaxis(by_distance[index], -1, 0)


def head_slopes(heads: int) -> Float[np.ndarray, 'heads']:
  """By how much the bias falls per frame: from 7.4 to 0.5, geometrically."""
  views = np.geomspace(_NEAREST, _FARTHEST, heads) / 2
  return np.float32(-np.log(_SMALLEST) / views)
