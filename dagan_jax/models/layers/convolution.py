"""Convolutions, with the arithmetic of PyTorch's."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import upsample_nearest

Edges = Literal['zeros', 'reflected']

# A convolution whose result has at most so many pixels is done as one matrix
# product over stacked patches: on CPUs this is many times as fast as XLA's own.
SMALL_MAP = 64

# The spread of PyTorch's default: uniform in -/+ 1 / sqrt(fan in).
default_kernel = nn.initializers.variance_scaling(1 / 3, 'fan_in', 'uniform')


def default_bias(fan_in: int) -> nn.initializers.Initializer:
  """Uniform in -/+ 1 / sqrt(fan in), as PyTorch's convolutions have it."""
  bound = 1 / math.sqrt(fan_in)

  def init(key, shape, dtype=jnp.float32):
    return jax.random.uniform(key, shape, dtype, -bound, bound)

  return init


class Conv(nn.Module):
  """A convolution with the same explicit padding on every side.

  Attributes:
    features: of the result.
    size: of the kernel, rows and columns.
    stride: from one pixel of the result to the next.
    padding: pixels on each side; None is half the size, rounded down.
    edges: what lies outside the map.
    upsampled: whether the map's resolution is doubled first, by repetition.
    use_bias: whether a bias is added.
    exact: whether the result tells places or motions, which need more digits
      than half precision has: it is float32 even where others are rounded.
    kernel_init: of the kernel.
    bias_init: of the bias; None is PyTorch's default.
  """

  features: int
  size: int = 3
  stride: int = 1
  padding: int | None = None
  edges: Edges = 'zeros'
  upsampled: bool = False
  use_bias: bool = True
  exact: bool = False
  kernel_init: nn.initializers.Initializer = default_kernel
  bias_init: nn.initializers.Initializer | None = None

  @nn.compact
  def __call__(
    self,
    x: Float[Array, 'b H W c'],
    beside: Float[Array, 'b _ _ d'] | None = None,
  ) -> Float[Array, 'b h w f']:
    """Convolves the map, and what lies `beside` it, features after features.

    What lies beside has the resolution after doubling.
    """
    size, channels = self.size, x.shape[-1]
    if beside is not None:
      channels += beside.shape[-1]
    shape = (size, size, channels, self.features)
    kernel = self.param('kernel', self.kernel_init, shape)
    y = self.apply_kernel(x, beside, kernel)
    if not self.use_bias:
      return y
    bias_init = self.bias_init or default_bias(size * size * channels)
    bias = self.param('bias', bias_init, (self.features,))
    # Added in float32, so that the bias's gradient, a sum over all pixels, is.
    return (y + bias).astype(y.dtype)

  def apply_kernel(
    self,
    x: Float[Array, 'b H W c'],
    beside: Float[Array, 'b _ _ d'] | None,
    kernel: Float[Array, 's s _ f'],
  ) -> Float[Array, 'b h w f']:
    """Convolves both with a given kernel; adds no bias."""
    x = upsample_nearest(x) if self.upsampled else x
    x = x if beside is None else jnp.concatenate([x, beside], axis=-1)
    return self.cross_edges(x, kernel)

  def cross_edges(
    self, x: Float[Array, 'b _ _ c'], kernel: Float[Array, 's s c f']
  ) -> Float[Array, 'b h w f']:
    """Convolves a map that has its resolution, and what its edges are told."""
    if self.edges == 'zeros':
      return convolve(x, kernel, self.margin, self.stride)
    return convolve(self.pad(x), kernel, 0, self.stride)

  @property
  def margin(self) -> int:
    """Pixels added on each side."""
    return self.size // 2 if self.padding is None else self.padding

  def pad(self, x: Float[Array, 'b _ _ c']) -> Float[Array, 'b _ _ c']:
    """The map with its margin."""
    edge = (self.margin, self.margin)
    mode = {'zeros': 'constant', 'reflected': 'reflect'}[self.edges]
    return jnp.pad(x, ((0, 0), edge, edge, (0, 0)), mode)


def replace_convolutions(
  replace: Callable[..., Array],
) -> AbstractContextManager[None]:
  """Within it, `replace(plain, conv, x, beside, kernel)` is what a `Conv` does.

  `plain(x, beside, kernel)` is what it would have done.
  """

  def intercept(plain, given, options, context):
    conv = context.module
    if isinstance(conv, Conv) and context.method_name == 'apply_kernel':
      return replace(plain, conv, *given, **options)
    return plain(*given, **options)

  return nn.intercept_methods(intercept)


def convolve(
  x: Float[Array, 'b H W c'],
  kernel: Float[Array, 's s c f'],
  padding: int,
  stride: int = 1,
) -> Float[Array, 'b h w f']:
  """A plain convolution, by whichever way is fast for its size."""
  size = kernel.shape[0]
  height = (x.shape[1] + 2 * padding - size) // stride + 1
  width = (x.shape[2] + 2 * padding - size) // stride + 1
  if height * width <= SMALL_MAP:
    return _patch_product(x, kernel, padding, stride, (height, width))
  return jax.lax.conv_general_dilated(
    x,
    kernel,
    (stride, stride),
    ((padding, padding), (padding, padding)),
    dimension_numbers=('NHWC', 'HWIO', 'NHWC'),
  )


def _patch_product(x, kernel, padding, stride, out):
  """The same convolution as one matrix product."""
  size = kernel.shape[0]
  edge = (padding, padding)
  x = jnp.pad(x, ((0, 0), edge, edge, (0, 0)))
  rows, columns = (stride * (length - 1) + 1 for length in out)
  patches = [
    x[:, i : i + rows : stride, j : j + columns : stride]
    for i in range(size)
    for j in range(size)
  ]
  patches = jnp.concatenate(patches, axis=-1)
  return patches @ kernel.reshape(-1, kernel.shape[-1])
