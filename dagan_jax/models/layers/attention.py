"""Attention between depth and appearance, in memory linear in the pixels."""

from typing import Literal

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import Conv

Fusion = Literal['none', 'depth', 'cross_modal']
Implementation = Literal['chunked', 'cudnn']
Geometry = tuple[Float[Array, 'b _ _ _'], ...]

MOST_FLASH_FEATURES = 128  # of a head, on every GPU that cuDNN's kernel runs on
_SHOWN_QUERIES = 256


def attention_map(
  query: Float[Array, 'b n d'],
  key: Float[Array, 'b m d'],
  scale: float = 1.0,
) -> Float[Array, 'b n m']:
  """The share of each key in each query; `scale` multiplies the logits."""
  return nn.softmax(_logits(query, key, scale), axis=-1)


def attend(
  query: Float[Array, 'b n d'],
  key: Float[Array, 'b m d'],
  value: Float[Array, 'b m c'],
  *,
  chunk: int,
  scale: float = 1.0,
) -> Float[Array, 'b n c']:
  """Computes attention_map(query, key, scale) @ value in chunks of queries.

  Neither the forward nor the backward pass holds more of the map than the rows
  of `chunk` queries: the backward pass computes each chunk anew. The product is
  normalised instead of the map, because it is smaller.
  """

  @jax.checkpoint
  def rows(part):
    logits = _logits(part, key, scale)
    most = jax.lax.stop_gradient(jnp.max(logits, axis=-1, keepdims=True))
    weights = jnp.exp(logits - most)
    found = jnp.einsum('bnm,bmc->bnc', weights.astype(value.dtype), value)
    found = found / jnp.sum(weights, axis=-1, keepdims=True)
    return found.astype(value.dtype)

  batch, count, depth = query.shape
  if count <= chunk:
    return rows(query)
  chunks = -(-count // chunk)
  query = jnp.pad(query, ((0, 0), (0, chunks * chunk - count), (0, 0)))
  parts = query.reshape(batch, chunks, chunk, depth).swapaxes(0, 1)
  result = jax.lax.map(rows, parts).swapaxes(0, 1)
  return result.reshape(batch, chunks * chunk, -1)[:, :count]


def _logits(query, key, scale):
  products = jnp.einsum(
    'bnd,bmd->bnm', query, key, preferred_element_type=jnp.float32
  )
  return scale * products


def flash_attend(
  query: Float[Array, 'b n d'],
  key: Float[Array, 'b m d'],
  value: Float[Array, 'b m c'],
  *,
  scale: float = 1.0,
  implementation: Literal['cudnn', 'xla'] = 'cudnn',
) -> Float[Array, 'b n c']:
  """Computes the same with one fused kernel, which rounds to bfloat16.

  cuDNN needs queries and keys as wide as values, so they are padded with zeros,
  which change no product. 'xla' does the same arithmetic without a GPU.
  """
  more = ((0, 0), (0, 0), (0, value.shape[-1] - query.shape[-1]))
  heads = [
    x.astype(jnp.bfloat16)[:, :, None]
    for x in (jnp.pad(query, more), jnp.pad(key, more), value)
  ]
  found = jax.nn.dot_product_attention(
    *heads, scale=scale, implementation=implementation
  )
  return found[:, :, 0].astype(value.dtype)


class CrossModalAttention(nn.Module):
  """Attention between the source's depth and the warped face's appearance.

  With the fusion 'depth', queries come from depth, keys and values from the
  warped face [DaGAN, eq. 9]. With 'cross_modal', queries come from the warped
  face, keys and values from depth [DaGAN++, eq. 13]. Depth's side is the same
  for every driving frame. DaGAN has ReLUs and `gamma` and no scale. Equation 13
  has none of the three; but without a `gamma` that starts at 0, training starts
  with a face that drowns in noise.

  Attributes:
    features: of the appearance.
    fusion: which side gives the queries.
    divisor: queries and keys have features / divisor features.
    relu: whether queries, keys and values are cut at 0.
    scaled: whether logits are divided by the root of the queries' width.
    gamma: whether the result is multiplied by a learnt factor, 0 at first.
    chunk: queries at a time.
    implementation: 'chunked', in float32; or 'cudnn', in bfloat16, where there
      is a GPU and values have at most 128 features, a multiple of 8. Everything
      else is chunked then too, so that weights serve on any device.
  """

  features: int
  fusion: Fusion = 'depth'
  divisor: int = 8
  relu: bool = True
  scaled: bool = False
  gamma: bool = True
  chunk: int = 512
  implementation: Implementation = 'chunked'

  def setup(self):
    narrow = max(self.features // self.divisor, 1)
    self.to_query = Conv(narrow, 1)
    self.to_key = Conv(narrow, 1)
    self.to_value = Conv(self.features, 1)
    self.scale = narrow**-0.5 if self.scaled else 1.0
    if self.gamma:
      self.factor = self.param('gamma', nn.initializers.zeros, (1,))

  def geometry(self, depth: Float[Array, 'b h w d']) -> Geometry:
    """Depth's side: its query, or its key and value."""
    if self.fusion == 'depth':
      return (self._cut(self.to_query(depth)),)
    return self._cut(self.to_key(depth)), self._cut(self.to_value(depth))

  def __call__(
    self, geometry: Geometry, appearance: Float[Array, 'b h w c']
  ) -> tuple[Float[Array, 'b h w c'], Float[Array, 'b _ _ 1']]:
    """The enhanced appearance, and the share of attention that each key gets.

    The share is the mean over every n-th query, which is cheap enough to show.
    Apply with `mutable=['intermediates']` to get the whole map as `map`.
    """
    if self.fusion == 'depth':
      (query,) = geometry
      key = self._cut(self.to_key(appearance))
      value = self._cut(self.to_value(appearance))
    else:
      query = self._cut(self.to_query(appearance))
      key, value = geometry
    looked_at = key.shape[1:3]
    query, key, value = (flatten(x) for x in (query, key, value))
    if self.is_mutable_collection('intermediates'):
      self.sow('intermediates', 'map', attention_map(query, key, self.scale))
    found = self._attend(query, key, value).reshape(appearance.shape)
    if self.gamma:
      found = (self.factor * found).astype(found.dtype)
    some = query[:, :: -(-query.shape[1] // _SHOWN_QUERIES)]
    share = jnp.mean(attention_map(some, key, self.scale), axis=1)
    return found + appearance, share.reshape(-1, *looked_at, 1)

  def _attend(self, query, key, value):
    width = value.shape[-1]
    flash = self.implementation == 'cudnn' and jax.default_backend() == 'gpu'
    if flash and width <= MOST_FLASH_FEATURES and width % 8 == 0:
      return flash_attend(query, key, value, scale=self.scale)
    return attend(query, key, value, chunk=self.chunk, scale=self.scale)

  def _cut(self, x):
    return nn.relu(x) if self.relu else x


def flatten(x: Float[Array, 'b h w c']) -> Float[Array, 'b h*w c']:
  """Pixels in one row."""
  return x.reshape(x.shape[0], -1, x.shape[-1])
