"""What all networks are built of; the arithmetic agrees with PyTorch's."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import Conv


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
      y = x * factor + (bias - running_mean.value * factor)
      return y.astype(x.dtype)
    exact = x.astype(jnp.float32)
    mean = jnp.mean(exact, axis=(0, 1, 2))
    # Not E[x^2] - E[x]^2, which cancels where the mean is large.
    var = jnp.mean((exact - mean) ** 2, axis=(0, 1, 2))
    if not self.is_initializing() and self.is_mutable_collection('batch_stats'):
      count = x.size // x.shape[-1]
      unbiased = var * (count / max(count - 1, 1))
      running_mean.value = self._blend(running_mean.value, mean)
      running_var.value = self._blend(running_var.value, unbiased)
    factor = scale * jax.lax.rsqrt(var + self.epsilon)
    return ((exact - mean) * factor + bias).astype(x.dtype)

  def _blend(self, old, new):
    new = jax.lax.stop_gradient(new)
    return self.momentum * old + (1 - self.momentum) * new


def standardise(
  x: Float[Array, 'b h w c'], epsilon: float = 1e-5
) -> Float[Array, 'b h w c']:
  """Mean 0 and variance 1 for every channel of every example."""
  exact = x.astype(jnp.float32)
  mean = jnp.mean(exact, axis=(1, 2), keepdims=True)
  var = jnp.mean((exact - mean) ** 2, axis=(1, 2), keepdims=True)
  return ((exact - mean) * jax.lax.rsqrt(var + epsilon)).astype(x.dtype)


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
    x = Conv(self.features, upsampled=True, name='conv')(x)
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
  """The mean of every two by two pixels; drops an odd last row or column."""
  return jnp.mean(_in_squares(x), axis=(2, 4))


def max_pool(x: Float[Array, 'b H W c']) -> Float[Array, 'b H//2 W//2 c']:
  """The largest of every two by two pixels."""
  return jnp.max(_in_squares(x), axis=(2, 4))


def _in_squares(x):
  """Axes 2 and 4 run through squares of two by two pixels.

  On CPUs this is much faster than XLA's window reductions, above all in the
  backward pass.
  """
  batch, height, width, channels = x.shape
  x = x[:, : height // 2 * 2, : width // 2 * 2]
  return x.reshape(batch, height // 2, 2, width // 2, 2, channels)
