"""The conformers of GoHD's denoiser: attention over time, convolution."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.position_bias import PositionBias
from dagan_jax.models.layers.linear import Linear, TimeConv

EPSILON = 1e-5  # of layer norms, as in PyTorch


class Conformer(nn.Module):
  """Two blocks of attention between two products [GoHD, section 3.1].

  Attributes:
    features: of the result.
    width: of what is between.
    dilation: frames from one to the next that the convolutions see; 0: they see
      one alone, and are products.
  """

  features: int
  width: int = 256
  dilation: int = 0

  @nn.compact
  def __call__(self, x: Float[Array, 'b t c']) -> Float[Array, 'b t f']:
    x = Linear(self.width, name='in_proj')(x)
    for i in range(2):
      x = ConformerBlock(self.dilation, name=f'block_{i}')(x)
    return Linear(self.features, name='out_proj')(x)


class ConformerBlock(nn.Module):
  """Attention and convolution, each added to what it normalises first."""

  dilation: int

  @nn.compact
  def __call__(self, x: Float[Array, 'b t c']) -> Float[Array, 'b t c']:
    width = x.shape[-1]
    y = nn.LayerNorm(epsilon=EPSILON, name='norm_2')(x)
    x = x + Attention(name='attention')(y)
    y = nn.LayerNorm(epsilon=EPSILON, name='norm_1')(x)
    y = nn.relu(self._feed(4 * width, 'feed_1')(y))
    return x + self._feed(width, 'feed_2')(y)

  def _feed(self, features: int, name: str) -> nn.Module:
    if not self.dilation:
      return Linear(features, name=name)
    dilation = self.dilation
    return TimeConv(features, 3, dilation, padding=dilation, name=name)


class Attention(nn.Module):
  """Attention of every frame to every other, through a gate.

  Attributes:
    heads: how many; each takes an equal part of the features.
  """

  heads: int = 8

  @nn.compact
  def __call__(self, x: Float[Array, 'b t c']) -> Float[Array, 'b t c']:
    batch, frames, width = x.shape
    packed = Linear(3 * width, use_bias=False, name='in_proj')(x)
    key, value, query = jnp.moveaxis(
      packed.reshape(batch, frames, 3, self.heads, width // self.heads), 2, 0
    )
    logits = jnp.einsum('bqhd,bkhd->bhqk', query, key)
    logits = logits / (width // self.heads) ** 0.5
    logits = logits + PositionBias(self.heads, name='position')(frames)
    found = jnp.einsum('bhqk,bkhd->bqhd', nn.softmax(logits), value)
    found = Linear(2 * width, name='gate')(found.reshape(x.shape))
    found, gate = jnp.split(found, 2, axis=-1)
    return found * jax.nn.sigmoid(gate)
