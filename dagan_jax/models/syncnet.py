"""SyncNet, which knows how well lips and a voice go together.

Two networks of one kind give features: of five frames of a face, and of the
fifth of a second that sounds meanwhile. They are near where one belongs to the
other [Chung and Zisserman 2016, Out of time: automated lip sync in the wild].
"""

from typing import NamedTuple

from flax import linen as nn
from jaxtyping import Array, Float

FRAMES = 5  # that lips are seen in
SIDE = 224  # pixels of each
CEPSTRA = 13
ROWS = 20  # of cepstra, 100 a second
# Of the convolutions in both published lists of layers.
PLACES = (0, 4, 8, 11, 14, 18)
_EPSILON = 1e-5


class Window(NamedTuple):
  """What is looked at for each value, along each axis."""

  size: tuple[int, ...]
  strides: tuple[int, ...]
  edges: tuple[int, ...]  # how far beyond each end

  @property
  def padding(self) -> list[tuple[int, int]]:
    """The edges as flax takes them."""
    return [(edge, edge) for edge in self.edges]


class Layer(NamedTuple):
  """A convolution, and of what the largest value is taken after it."""

  convolution: Window
  pool: Window | None = None


class SyncFeatures(nn.Module):
  """What either network finds.

  Attributes:
    layers: LIPS or VOICE.
    widths: features of each convolution.
    hidden: features before the last layer.
    output: features that are given.
  """

  layers: tuple[Layer, ...]
  widths: tuple[int, ...]
  hidden: int
  output: int

  @nn.compact
  def __call__(self, x: Float[Array, 'b *space c']) -> Float[Array, 'n f']:
    """Features of all that is seen or heard, one after another.

    Args:
      x: frames '1 t 224 224 3', BGR in [0, 255], of which each has features
        with the four after it; or cepstra 'b 13 20 1', see
        `data_pipelines.media.cepstra`.
    """
    layers = zip(PLACES, self.layers, self.widths, strict=True)
    for place, (window, pool), width in layers:
      convolve = nn.Conv(
        width, window.size, window.strides, window.padding, name=f'conv_{place}'
      )
      x = nn.relu(_norm(f'norm_{place + 1}')(convolve(x)))
      if pool:
        x = nn.max_pool(x, pool.size, pool.strides, pool.padding)
    x = nn.Dense(self.hidden, name='fc_0')(x.reshape(-1, x.shape[-1]))
    x = nn.relu(_norm('fc_norm_1')(x))
    return nn.Dense(self.output, name='fc_3')(x)


def _norm(name: str) -> nn.BatchNorm:
  return nn.BatchNorm(use_running_average=True, epsilon=_EPSILON, name=name)


# By time, rows and columns.
_SEEN = Window((1, 3, 3), (1, 1, 1), (0, 1, 1))
_POOLED = Window((1, 3, 3), (1, 2, 2), (0, 0, 0))
LIPS = (
  Layer(Window((5, 7, 7), (1, 2, 2), (0, 0, 0)), _POOLED),
  Layer(
    Window((1, 5, 5), (1, 2, 2), (0, 1, 1)), _POOLED._replace(edges=(0, 1, 1))
  ),
  Layer(_SEEN),
  Layer(_SEEN),
  Layer(_SEEN, _POOLED),
  Layer(Window((1, 6, 6), (1, 1, 1), (0, 0, 0))),
)
# By cepstrum and time. The published list also takes the largest of one.
_HEARD = Window((3, 3), (1, 1), (1, 1))
VOICE = (
  Layer(_HEARD),
  Layer(_HEARD, Window((3, 3), (1, 2), (0, 0))),
  Layer(_HEARD),
  Layer(_HEARD),
  Layer(_HEARD, Window((3, 3), (2, 2), (0, 0))),
  Layer(Window((5, 4), (1, 1), (0, 0))),
)
