"""Products over the features of rows, with the start of PyTorch's."""

import jax
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import default_bias, default_kernel


class Linear(nn.Module):
  """A matrix product over the last axis, and a bias.

  Attributes:
    features: of the result.
    use_bias: whether a bias is added.
    kernel_init: of the matrix.
  """

  features: int
  use_bias: bool = True
  kernel_init: nn.initializers.Initializer = default_kernel

  @nn.compact
  def __call__(self, x: Float[Array, '*b c']) -> Float[Array, '*b f']:
    shape = (x.shape[-1], self.features)
    y = x @ self.param('kernel', self.kernel_init, shape)
    if not self.use_bias:
      return y
    bias_init = default_bias(x.shape[-1])
    return y + self.param('bias', bias_init, (self.features,))


class TimeConv(nn.Module):
  """A convolution over time, and a bias.

  Attributes:
    features: of the result.
    size: of the kernel, in frames.
    dilation: frames from one of the kernel's to the next.
    stride: frames from one that is computed to the next.
    padding: frames of zeros before the first and behind the last.
  """

  features: int
  size: int = 3
  dilation: int = 1
  padding: int = 0
  stride: int = 1

  @nn.compact
  def __call__(self, x: Float[Array, 'b T c']) -> Float[Array, 'b t f']:
    shape = (self.size, x.shape[-1], self.features)
    kernel = self.param('kernel', default_kernel, shape)
    bias_init = default_bias(self.size * x.shape[-1])
    y = jax.lax.conv_general_dilated(
      x,
      kernel.astype(x.dtype),
      window_strides=(self.stride,),
      padding=((self.padding, self.padding),),
      rhs_dilation=(self.dilation,),
      dimension_numbers=('NTC', 'TIO', 'NTC'),
    )
    return y + self.param('bias', bias_init, (self.features,))
