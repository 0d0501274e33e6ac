"""Attention between depth and appearance, in memory linear in the pixels."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.blocks import Conv


def attention_map(
  query: Float[Array, 'b n d'], key: Float[Array, 'b m d']
) -> Float[Array, 'b n m']:
  """How much each query takes from each key; unscaled, as in DaGAN."""
  logits = jnp.einsum('bnd,bmd->bnm', query, key)
  return nn.softmax(logits.astype(jnp.float32), axis=-1)


def attend(
  query: Float[Array, 'b n d'],
  key: Float[Array, 'b m d'],
  value: Float[Array, 'b m c'],
  *,
  chunk: int,
) -> Float[Array, 'b n c']:
  """attention_map(query, key) @ value, for `chunk` queries at a time.

  Neither the forward nor the backward pass holds more of the map than that:
  the backward pass computes each chunk anew.
  """

  @jax.checkpoint
  def rows(part):
    return jnp.einsum('bnm,bmc->bnc', attention_map(part, key), value)

  batch, count, depth = query.shape
  if count <= chunk:
    return rows(query)
  chunks = -(-count // chunk)
  query = jnp.pad(query, ((0, 0), (0, chunks * chunk - count), (0, 0)))
  parts = query.reshape(batch, chunks, chunk, depth).swapaxes(0, 1)
  result = jax.lax.map(rows, parts).swapaxes(0, 1)
  return result.reshape(batch, chunks * chunk, -1)[:, :count]


class DepthAttention(nn.Module):
  """DaGAN's attention: every point of the source's depth asks the warped face.

  Queries come from depth, keys and values from appearance [DaGAN, eq. 9].
  Apply with `mutable=['intermediates']` to get the whole map as `map`.
  """

  features: int
  chunk: int

  def setup(self):
    narrow = max(self.features // 8, 1)
    self.to_query = Conv(narrow, 1)
    self.to_key = Conv(narrow, 1)
    self.to_value = Conv(self.features, 1)
    self.gamma = self.param('gamma', nn.initializers.zeros, (1,))

  def query(self, depth: Float[Array, 'b h w c']) -> Float[Array, 'b h w d']:
    """What depth asks; the same for every driving frame."""
    return nn.relu(self.to_query(depth))

  def __call__(
    self, query: Float[Array, 'b h w d'], appearance: Float[Array, 'b h w c']
  ) -> Float[Array, 'b h w c']:
    """The appearance, enhanced by what the depth found in it."""
    query = flatten(query)
    key = flatten(nn.relu(self.to_key(appearance)))
    value = flatten(nn.relu(self.to_value(appearance)))
    if self.is_mutable_collection('intermediates'):
      self.sow('intermediates', 'map', attention_map(query, key))
    found = attend(query, key, value, chunk=self.chunk)
    return self.gamma * found.reshape(appearance.shape) + appearance


def flatten(x: Float[Array, 'b h w c']) -> Float[Array, 'b h*w c']:
  """Pixels in one row."""
  return x.reshape(x.shape[0], -1, x.shape[-1])
