"""The conformers of GoHD's denoiser: attention over time, convolution."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.position_bias import PositionBias
from dagan_jax.models.layers.linear import Linear, TimeConv

EPSILON = 1e-5  # of layer norms, as in PyTorch
HEADS = 8  # of the attention; each takes an equal part of the features


class Conformer(nn.Module):
  """Two blocks of attention between two products [GoHD, section 3.1].

  Attributes:
    features: of the result.
    width: of what is between.
    dilation: frames from one to the next that the convolutions see; 0: they see
      one alone, and are products.
    dropout: share of features that training leaves out.
  """

  features: int
  width: int = 256
  dilation: int = 0
  dropout: float = 0.0

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b t c'], *, train: bool
  ) -> Float[Array, 'b t f']:
    x = Linear(self.width, name='in_proj')(x)
    for i in range(2):
      block = ConformerBlock(self.dilation, self.dropout, name=f'block_{i}')
      x = block(x, train=train)
    return Linear(self.features, name='out_proj')(x)


class ConformerBlock(nn.Module):
  """Attention and convolution, each added to what it normalises first."""

  dilation: int
  dropout: float

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b t c'], *, train: bool
  ) -> Float[Array, 'b t c']:
    width = x.shape[-1]
    drop = nn.Dropout(self.dropout, deterministic=not train)
    y = nn.LayerNorm(epsilon=EPSILON, name='norm_2')(x)
    attention = Attention(dropout=self.dropout, name='attention')
    x = x + drop(attention(y, train=train))
    y = nn.LayerNorm(epsilon=EPSILON, name='norm_1')(x)
    y = drop(nn.relu(self._feed(4 * width, 'feed_1')(y)))
    return x + drop(self._feed(width, 'feed_2')(y))

  def _feed(self, features: int, name: str) -> nn.Module:
    if not self.dilation:
      return Linear(features, name=name)
    dilation = self.dilation
    return TimeConv(features, 3, dilation, padding=dilation, name=name)


class Attention(nn.Module):
  """Attention of every frame to every other, through a gate.

  Attributes:
    heads: how many; each takes an equal part of the features.
    dropout: share of what is looked at that training leaves out.
  """

  heads: int = HEADS
  dropout: float = 0.0

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b t c'], *, train: bool
  ) -> Float[Array, 'b t c']:
    batch, frames, width = x.shape
    packed = Linear(3 * width, use_bias=False, name='in_proj')(x)
    key, value, query = jnp.moveaxis(
      packed.reshape(batch, frames, 3, self.heads, width // self.heads), 2, 0
    )
    logits = jnp.einsum('bqhd,bkhd->bhqk', query, key)
    logits = logits / (width // self.heads) ** 0.5
    position = PositionBias(self.heads, dropout=self.dropout, name='position')
    logits = logits + position(frames, train=train)
    drop = nn.Dropout(self.dropout, deterministic=not train)
    weights = drop(nn.softmax(logits))
    found = jnp.einsum('bhqk,bkhd->bqhd', weights, value)
    found = Linear(2 * width, name='gate')(found.reshape(x.shape))
    found, gate = jnp.split(found, 2, axis=-1)
    return found * jax.nn.sigmoid(gate)
