"""What all networks are built of; the arithmetic agrees with PyTorch's."""

import math

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import upsample_nearest

# On a map of at most so many pixels a convolution is one matrix product over
# stacked patches: XLA's own kernels for CPUs take many times as long there.
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
  """A convolution with the same explicit padding on every side."""

  features: int
  size: int = 3
  stride: int = 1
  padding: int | None = None  # None: half the size, rounded down
  use_bias: bool = True
  kernel_init: nn.initializers.Initializer = default_kernel
  bias_init: nn.initializers.Initializer | None = None

  @nn.compact
  def __call__(self, x: Float[Array, 'b H W c']) -> Float[Array, 'b h w f']:
    size, stride, channels = self.size, self.stride, x.shape[-1]
    shape = (size, size, channels, self.features)
    kernel = self.param('kernel', self.kernel_init, shape)
    padding = size // 2 if self.padding is None else self.padding
    y = convolve(x, kernel, padding, stride)
    if not self.use_bias:
      return y
    bias_init = self.bias_init or default_bias(size * size * channels)
    return y + self.param('bias', bias_init, (self.features,))


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


class BatchNorm(nn.Module):
  """Batch normalisation whose running variance is unbiased, as in PyTorch.

  Under jit with the batch sharded over devices, statistics are global.
  """

  momentum: float = 0.9
  epsilon: float = 1e-5

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> Float[Array, 'b h w c']:
    channels = x.shape[-1:]
    scale = self.param('scale', nn.initializers.ones, channels)
    bias = self.param('bias', nn.initializers.zeros, channels)
    running_mean = self.variable('batch_stats', 'mean', jnp.zeros, channels)
    running_var = self.variable('batch_stats', 'var', jnp.ones, channels)
    if not train:
      factor = scale * jax.lax.rsqrt(running_var.value + self.epsilon)
      return x * factor + (bias - running_mean.value * factor)
    mean = jnp.mean(x, axis=(0, 1, 2))
    # Not E[x^2] - E[x]^2, which loses all digits where the mean is large.
    var = jnp.mean((x - mean) ** 2, axis=(0, 1, 2))
    if not self.is_initializing() and self.is_mutable_collection('batch_stats'):
      count = x.size // x.shape[-1]
      unbiased = var * (count / max(count - 1, 1))
      running_mean.value = self._blend(running_mean.value, mean)
      running_var.value = self._blend(running_var.value, unbiased)
    factor = scale * jax.lax.rsqrt(var + self.epsilon)
    return (x - mean) * factor + bias

  def _blend(self, old, new):
    new = jax.lax.stop_gradient(new)
    return self.momentum * old + (1 - self.momentum) * new


class InstanceNorm(nn.Module):
  """Normalises every channel of every example by itself."""

  epsilon: float = 1e-5

  @nn.compact
  def __call__(self, x: Float[Array, 'b h w c']) -> Float[Array, 'b h w c']:
    scale = self.param('scale', nn.initializers.ones, x.shape[-1:])
    bias = self.param('bias', nn.initializers.zeros, x.shape[-1:])
    return standardise(x, self.epsilon) * scale + bias


def standardise(
  x: Float[Array, 'b h w c'], epsilon: float = 1e-5
) -> Float[Array, 'b h w c']:
  """Mean 0 and variance 1 for every channel of every example."""
  mean = jnp.mean(x, axis=(1, 2), keepdims=True)
  var = jnp.mean((x - mean) ** 2, axis=(1, 2), keepdims=True)
  return (x - mean) * jax.lax.rsqrt(var + epsilon)


class SameBlock(nn.Module):
  """Convolves and normalises at the resolution it finds."""

  features: int
  size: int = 3

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> Float[Array, 'b h w f']:
    x = Conv(self.features, self.size, name='conv')(x)
    return nn.relu(BatchNorm(name='norm')(x, train=train))


class DownBlock(nn.Module):
  """Convolves, normalises and halves the resolution.

  `pool_first` halves before all that, at a quarter of the cost.
  """

  features: int
  pool_first: bool = False

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> Float[Array, 'b h//2 w//2 f']:
    if self.pool_first:
      x = average_pool(x)
    x = Conv(self.features, name='conv')(x)
    x = nn.relu(BatchNorm(name='norm')(x, train=train))
    return x if self.pool_first else average_pool(x)


class UpBlock(nn.Module):
  """Doubles the resolution, convolves and normalises."""

  features: int

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], *, train: bool
  ) -> Float[Array, 'b 2*h 2*w f']:
    x = Conv(self.features, name='conv')(upsample_nearest(x))
    return nn.relu(BatchNorm(name='norm')(x, train=train))


class ResBlock(nn.Module):
  """Adds two normalised convolutions to what comes in."""

  features: int

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w f'], *, train: bool
  ) -> Float[Array, 'b h w f']:
    y = nn.relu(BatchNorm(name='norm1')(x, train=train))
    y = Conv(self.features, name='conv1')(y)
    y = nn.relu(BatchNorm(name='norm2')(y, train=train))
    return x + Conv(self.features, name='conv2')(y)


def average_pool(
  x: Float[Array, 'b H W c'],
) -> Float[Array, 'b H//2 W//2 c']:
  """The mean of every two by two pixels; an odd last row or column is lost."""
  return jnp.mean(_in_squares(x), axis=(2, 4))


def max_pool(x: Float[Array, 'b H W c']) -> Float[Array, 'b H//2 W//2 c']:
  """The largest of every two by two pixels."""
  return jnp.max(_in_squares(x), axis=(2, 4))


def _in_squares(x):
  """Axes 2 and 4 run through squares of two by two pixels.

  Reducing these takes a fraction of the time of XLA's window reductions on
  CPUs, above all backwards.
  """
  batch, height, width, channels = x.shape
  x = x[:, : height // 2 * 2, : width // 2 * 2]
  return x.reshape(batch, height // 2, 2, width // 2, 2, channels)
