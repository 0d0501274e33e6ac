"""VGG-19, whose features judge how alike two pictures look."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.blocks import max_pool
from dagan_jax.models.layers.convolution import Conv

# Each stage's features, in widths of the network, and its convolutions, by
# their index in torchvision's `features`. All stages but the first begin with a
# pool. The ReLU after a stage's first convolution is what the network returns.
STAGES = (
  (1, (0, 2)),
  (2, (5, 7)),
  (4, (10, 12, 14, 16)),
  (8, (19, 21, 23, 25)),
  (8, (28,)),
)
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)

he = nn.initializers.variance_scaling(2.0, 'fan_in', 'normal')


class VGG(nn.Module):
  """relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 of an image in [0, 1].

  Width 64 is VGG-19 [Simonyan and Zisserman 2015]; a narrower one can only
  have random weights, which are He's so that no tap fades.
  """

  width: int = 64

  @nn.compact
  def __call__(
    self, image: Float[Array, 'b h w 3']
  ) -> tuple[Float[Array, 'b _ _ _'], ...]:
    x = (image - jnp.array(MEAN)) / jnp.array(DEVIATION)
    taps = []
    for stage, (times, convolutions) in enumerate(STAGES):
      if stage > 0:
        x = max_pool(x)
      for i, index in enumerate(convolutions):
        conv = Conv(times * self.width, kernel_init=he, name=f'conv_{index}')
        x = nn.relu(conv(x))
        if i == 0:
          taps.append(x)
    return tuple(taps)
