"""AlexNet, through whose features LPIPS sees."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.vgg import DEVIATION, MEAN


class AlexNet(nn.Module):
  """Features of an image in [0, 1] after each of its five ReLUs.

  Torchvision's network [Krizhevsky 2014], without what classifies; pictures
  need at least 31 pixels.
  """

  @nn.compact
  def __call__(
    self, image: Float[Array, 'b h w 3']
  ) -> tuple[Float[Array, 'b _ _ _'], ...]:
    x = (image - jnp.array(MEAN)) / jnp.array(DEVIATION)
    taps = [nn.relu(Conv(64, 11, 4, 2, name='conv_0')(x))]
    for features, size, index in ((192, 5, 3), (384, 3, 6)):
      x = nn.max_pool(taps[-1], (3, 3), (2, 2))
      taps.append(nn.relu(Conv(features, size, name=f'conv_{index}')(x)))
    for index in (8, 10):
      taps.append(nn.relu(Conv(256, name=f'conv_{index}')(taps[-1])))
    return tuple(taps)
