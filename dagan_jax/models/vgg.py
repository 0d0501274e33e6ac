"""VGG networks, whose features judge how alike two pictures look."""

from types import MappingProxyType
from typing import Literal

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.blocks import max_pool
from dagan_jax.models.layers.convolution import Conv

Kind = Literal['vgg16', 'vgg19']
Pooling = Literal['max', 'l2']

# Of each kind the convolutions of every stage, by their index in torchvision's
# `features`. A ReLU follows each; all stages but the first begin with a pool.
STAGES = MappingProxyType(
  {
    'vgg16': ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)),
    'vgg19': (
      (0, 2),
      (5, 7),
      (10, 12, 14, 16),
      (19, 21, 23, 25),
      (28, 30, 32, 34),
    ),
  }
)
# Features of each stage, in widths of the network.
_TIMES = (1, 2, 4, 8, 8)
# What DaGAN compares, after FOMM.
PAPER_TAPS = ('relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1')
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class VGG(nn.Module):
  """Features of an image in [0, 1], at the ReLUs that `taps` name, in order.

  `relu3_2` is the ReLU after the second convolution of the third stage. Width
  64 is VGG-16 or VGG-19 [Simonyan and Zisserman 2015]. Nothing beyond the last
  tap is computed, and no weight of it is needed.

  Attributes:
    kind: which of the two it is.
    width: features of the first stage.
    taps: names of the ReLUs.
    pooling: 'max', or 'l2', with which DISTS sees.
  """

  kind: Kind = 'vgg19'
  width: int = 64
  taps: tuple[str, ...] = PAPER_TAPS
  pooling: Pooling = 'max'

  @nn.compact
  def __call__(
    self, image: Float[Array, 'b h w 3']
  ) -> tuple[Float[Array, 'b _ _ _'], ...]:
    x = (image - jnp.array(MEAN)) / jnp.array(DEVIATION)
    found = {}
    pool = _l2_pool if self.pooling == 'l2' else max_pool
    for name, index in needed_layers(self.kind, self.taps).items():
      stage = int(name[len('relu')])
      if stage > 1 and name.endswith('_1'):
        x = pool(x)
      conv = Conv(_TIMES[stage - 1] * self.width, name=f'conv_{index}')
      found[name] = x = nn.relu(conv(x))
    return tuple(found[tap].astype(jnp.float32) for tap in self.taps)


def tap_names(kind: Kind) -> tuple[str, ...]:
  """The names of all ReLUs of a network, from the image on."""
  return tuple(
    f'relu{stage}_{number}'
    for stage, convolutions in enumerate(STAGES[kind], start=1)
    for number, _ in enumerate(convolutions, start=1)
  )


def needed_layers(kind: Kind, taps: tuple[str, ...]) -> dict[str, int]:
  """Indices of the convolutions up to the last tap, by their ReLUs' names.

  Raises:
    ValueError: the network has no such tap.
  """
  names = tap_names(kind)
  count = 1 + max(map(names.index, taps))
  indices = [index for stage in STAGES[kind] for index in stage]
  return dict(zip(names[:count], indices, strict=False))


def _l2_pool(x: Float[Array, 'b h w c']) -> Float[Array, 'b _ _ c']:
  """Root of the blurred squares at every second pixel [DISTS, eq. 3]."""
  x = x**2
  for axis in (1, 2):
    x = jnp.moveaxis(x, axis, 0)
    count = (len(x) + 1) // 2
    x = jnp.pad(x, ((1, 1), *[(0, 0)] * 3))
    left, middle, right = (x[i : i + 2 * count - 1 : 2] for i in range(3))
    x = jnp.moveaxis((left + 2 * middle + right) / 4, 0, axis)
  return jnp.sqrt(x + 1e-12)
