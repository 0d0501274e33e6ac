"""Layers of StyleGAN2, whose weights are scaled when they run.

Equalised learning rate: a weight of variance 1 is divided by the root of the
number of inputs [Karras et al. 2018]. A style, a vector for each picture,
scales the inputs of a convolution [Karras et al. 2020, section 2.2].
"""

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import convolve

normal = nn.initializers.normal(1.0)
zeros = nn.initializers.zeros
_BLUR = (0.125, 0.375, 0.375, 0.125)
_EPSILON = 1e-8


class EqualLinear(nn.Module):
  """A matrix product and a bias.

  Attributes:
    features: of the result.
    bias_init: of the bias.
  """

  features: int
  bias_init: nn.initializers.Initializer = zeros

  @nn.compact
  def __call__(self, x: Float[Array, 'b c']) -> Float[Array, 'b f']:
    channels = x.shape[-1]
    kernel = self.param('kernel', normal, (channels, self.features))
    bias = self.param('bias', self.bias_init, (self.features,))
    return x @ (kernel / np.sqrt(channels)) + bias


class EqualConv(nn.Module):
  """A convolution, with an activation that has a bias of its own.

  Attributes:
    features: of the result.
    size: of the kernel.
    stride: from one pixel of the result to the next.
    padding: pixels of zeros on each side.
    is_activated: whether bias and activation follow.
  """

  features: int
  size: int
  stride: int = 1
  padding: int = 0
  is_activated: bool = True

  @nn.compact
  def __call__(self, x: Float[Array, 'b H W c']) -> Float[Array, 'b h w f']:
    shape = (self.size, self.size, x.shape[-1], self.features)
    kernel = self.param('kernel', normal, shape)
    kernel = kernel / np.sqrt(np.prod(shape[:3]))
    y = convolve(x, kernel, self.padding, self.stride)
    if not self.is_activated:
      return y
    return activate(y + self.param('bias', zeros, (self.features,)))


class ModulatedConv(nn.Module):
  """A convolution whose inputs a style scales.

  Attributes:
    features: of the result.
    size: of the kernel.
    is_demodulated: whether each result is divided by the root of the sum of its
      scaled weights' squares.
    is_enlarging: whether the resolution is doubled.
  """

  features: int
  size: int = 3
  is_demodulated: bool = True
  is_enlarging: bool = False

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b H W c'], style: Float[Array, 'b s']
  ) -> Float[Array, 'b h w f']:
    channels = x.shape[-1]
    shape = (self.size, self.size, channels, self.features)
    kernel = self.param('kernel', normal, shape)
    kernel = kernel / np.sqrt(np.prod(shape[:3]))
    ones = nn.initializers.ones
    scale = EqualLinear(channels, bias_init=ones, name='modulation')(style)
    # Scaling what goes in and what comes out is scaling the weights, but one
    # convolution does it for all pictures.
    x = x * scale[:, None, None]
    if self.is_enlarging:
      x = blur(enlarge(x, kernel), (1, 1), 2.0)
    else:
      x = convolve(x, kernel, self.size // 2)
    if not self.is_demodulated:
      return x
    squares = scale**2 @ jnp.sum(kernel**2, axis=(0, 1))
    return x * jax.lax.rsqrt(squares + _EPSILON)[:, None, None]


class StyledConv(nn.Module):
  """A modulated convolution with bias and activation.

  Attributes:
    features: of the result.
    is_enlarging: whether the resolution is doubled.
  """

  features: int
  is_enlarging: bool = False

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b H W c'], style: Float[Array, 'b s']
  ) -> Float[Array, 'b h w f']:
    enlarging = self.is_enlarging
    conv = ModulatedConv(self.features, is_enlarging=enlarging, name='conv')
    bias = self.param('bias', zeros, (self.features,))
    return activate(conv(x, style) + bias)


def activate(x: Float[Array, '*b c']) -> Float[Array, '*b c']:
  """A leaky ReLU that keeps the variance."""
  return np.sqrt(2) * nn.leaky_relu(x, 0.2)


def blur(
  x: Float[Array, 'b H W c'], padding: tuple[int, int], gain: float = 1.0
) -> Float[Array, 'b h w c']:
  """Weighs four pixels of each axis by 1, 3, 3 and 1.

  Args:
    x: the map.
    padding: zeros before and behind it, on both axes.
    gain: the sum of the weights along each axis.
  """
  x = jnp.pad(x, ((0, 0), padding, padding, (0, 0)))
  height, width = (size - len(_BLUR) + 1 for size in x.shape[1:3])
  # Sums of shifted maps: XLA is slow at convolutions of single channels.
  x = sum(gain * w * x[:, i : i + height] for i, w in enumerate(_BLUR))
  return sum(gain * w * x[:, :, i : i + width] for i, w in enumerate(_BLUR))


def enlarge_smoothly(x: Float[Array, 'b h w c']) -> Float[Array, 'b 2*h 2*w c']:
  """Doubles the resolution: zeros between the pixels, then a blur."""
  between = ((0, 0, 0), (0, 0, 1), (0, 0, 1), (0, 0, 0))
  x = jax.lax.pad(x, jnp.zeros((), x.dtype), between)
  return blur(x, (2, 2), 2.0)


def enlarge(
  x: Float[Array, 'b h w c'], kernel: Float[Array, '3 3 c f']
) -> Float[Array, 'b 2*h+1 2*w+1 f']:
  """A transposed convolution of stride 2, as a convolution of size 2.

  Every pixel of the result sees at most two by two of the map. The four kinds
  of them, even or odd row and column, are computed as features side by side.
  """
  batch, height, width, channels = x.shape
  kernel = jnp.pad(kernel, ((0, 1), (0, 1), (0, 0), (0, 0)))
  kernel = kernel.reshape(2, 2, 2, 2, channels, -1)  # tap, parity of each axis
  kernel = kernel[::-1, :, ::-1].transpose(0, 2, 4, 1, 3, 5)
  y = convolve(x, kernel.reshape(2, 2, channels, -1), 1)
  y = y.reshape(batch, height + 1, width + 1, 2, 2, -1)
  y = y.transpose(0, 1, 3, 2, 4, 5)
  y = y.reshape(batch, 2 * height + 2, 2 * width + 2, -1)
  return y[:, :-1, :-1]
