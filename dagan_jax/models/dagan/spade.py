"""A decoder that sees the warped source at every layer.

SPADE [Park et al. 2019], as DaGAN's larger variant uses it: features are
normalised, then scaled and shifted by what a map of the picture says there.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import resize_nearest, upsample_nearest
from dagan_jax.models.layers.blocks import standardise
from dagan_jax.models.layers.convolution import (
  Conv,
  convolve,
  default_bias,
  default_kernel,
)

# With random vectors the estimate of sigma would be nearly 0.
_FIRST_ITERATIONS = 15


class SpectralConv(nn.Module):
  """A convolution whose kernel is divided by its largest singular value.

  Training takes one step of the power iteration each time [Miyato et al.
  2018]; the vectors are kept among the running statistics, laid out as in
  PyTorch: `u` (features,), `v` (channels * size * size,).
  """

  features: int
  size: int = 3
  use_bias: bool = True

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> Float[Array, 'b h w f']:
    size, channels = self.size, x.shape[-1]
    shape = (size, size, channels, self.features)
    kernel = self.param('kernel', default_kernel, shape)
    matrix = kernel.transpose(3, 2, 0, 1).reshape(self.features, -1)
    constant = jax.lax.stop_gradient(matrix)

    def start():
      u = jnp.ones(self.features) / self.features**0.5
      for _ in range(_FIRST_ITERATIONS):
        u, v = _iterate(constant, u)
      return u, v

    u = self.variable('batch_stats', 'u', lambda: start()[0])
    v = self.variable('batch_stats', 'v', lambda: start()[1])
    if train and not self.is_initializing():
      u_now, v_now = _iterate(constant, u.value)
      if self.is_mutable_collection('batch_stats'):
        u.value, v.value = u_now, v_now
    else:
      u_now, v_now = u.value, v.value
    y = convolve(x, kernel / (u_now @ matrix @ v_now), size // 2)
    if not self.use_bias:
      return y
    bias = default_bias(size * size * channels)
    return y + self.param('bias', bias, (self.features,))


class Spade(nn.Module):
  """Normalises each channel of each example, then styles it by the map."""

  hidden: int

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], style: Float[Array, 'b H W s']
  ) -> Float[Array, 'b h w c']:
    style = resize_nearest(style, *x.shape[1:3])
    shared = nn.relu(Conv(self.hidden, name='shared')(style))
    gamma = Conv(x.shape[-1], name='gamma')(shared)
    beta = Conv(x.shape[-1], name='beta')(shared)
    return standardise(x) * (1 + gamma) + beta


class SpadeBlock(nn.Module):
  """Two styled convolutions, added to what comes in."""

  features: int
  hidden: int

  @nn.compact
  def __call__(
    self,
    x: Float[Array, 'b h w c'],
    style: Float[Array, 'b H W s'],
    *,
    train: bool,
  ) -> Float[Array, 'b h w f']:
    middle = min(x.shape[-1], self.features)
    y = _leaky(Spade(self.hidden, name='norm_0')(x, style))
    y = SpectralConv(middle, name='conv_0')(y, train=train)
    y = _leaky(Spade(self.hidden, name='norm_1')(y, style))
    y = SpectralConv(self.features, name='conv_1')(y, train=train)
    if x.shape[-1] != self.features:
      x = Spade(self.hidden, name='norm_s')(x, style)
      x = SpectralConv(self.features, 1, use_bias=False, name='conv_s')(
        x, train=train
      )
    return x + y


class SpadeDecoder(nn.Module):
  """From the deepest features and the warped source to the picture.

  As published: 8 x width features, of which the next larger resolutions have a
  half and so on, and full resolution `width`; the map holds four features and
  the picture.
  """

  width: int
  max_width: int
  ups: int  # doublings of the resolution
  channels: int = 3  # a picture's, and more that the caller asks for

  @nn.compact
  def __call__(
    self,
    features: Float[Array, 'b _ _ _'],
    deformed: Float[Array, 'b h w 3'],
    *,
    train: bool,
  ) -> Float[Array, 'b h w {self.channels}']:
    deepest, hidden = min(self.max_width, 8 * self.width), 2 * self.width
    style = Conv(4, name='compress')(features)
    style = resize_nearest(style, *deformed.shape[1:3])
    style = jnp.concatenate([style, deformed], axis=-1)
    x = Conv(deepest, name='fc')(features)
    for i in range(3):
      x = SpadeBlock(deepest, hidden, name=f'middle_{i}')(x, style, train=train)
    for i in range(self.ups):
      last = i == self.ups - 1
      width = self.width if last else max(deepest // 2 ** (i + 1), self.width)
      x = upsample_nearest(x)
      x = SpadeBlock(width, hidden, name=f'up_{i}')(x, style, train=train)
    return nn.sigmoid(Conv(self.channels, name='final')(_leaky(x)))


def _iterate(matrix, u):
  """One step of the power iteration."""
  v = _unit(matrix.T @ u)
  return _unit(matrix @ v), v


def _unit(x):
  return x / jnp.maximum(jnp.linalg.norm(x), 1e-12)


def _leaky(x):
  return nn.leaky_relu(x, 0.2)
