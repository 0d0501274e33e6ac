"""SyncNet, which knows how well lips and a voice go together.

Both give features: of five frames of a face, and of the fifth of a second that
sounds meanwhile. They are near where one belongs to the other [Chung and
Zisserman 2016, Out of time: automated lip sync in the wild].
"""

from flax import linen as nn
from jaxtyping import Array, Float

FRAMES = 5  # that lips are seen in
SIDE = 224  # pixels of each
CEPSTRA = 13
ROWS = 20  # of cepstra, 100 a second
_EPSILON = 1e-5


class LipFeatures(nn.Module):
  """Features of a face in every five frames that follow one another.

  Attributes:
    widths: features of each convolution.
    hidden: features before the last layer.
    output: features that are given.
  """

  widths: tuple[int, ...] = (96, 256, 256, 256, 256, 512)
  hidden: int = 512
  output: int = 1024

  @nn.compact
  def __call__(
    self, frames: Float[Array, 't 224 224 3']
  ) -> Float[Array, 't-4 c']:
    """Features of each frame, BGR in [0, 255], with the four after it."""
    x = frames[None]
    place = 0  # in the published network's list of layers
    for number, width in enumerate(self.widths):
      shape, stride, edge = _LIP_KERNELS[number]
      x = _convolve(width, shape, stride, edge, place)(x)
      x = nn.relu(_norm(f'norm_{place + 1}')(x))
      place += 3
      if number in _LIP_POOLS:
        edge = _LIP_POOLS[number]
        x = nn.max_pool(x, (1, 3, 3), (1, 2, 2), _pad(0, edge, edge))
        place += 1
    return _finish(x[0, :, 0, 0], self.hidden, self.output)


class VoiceFeatures(nn.Module):
  """Features of fifths of a second of a voice.

  Attributes:
    widths: features of each convolution.
    hidden: features before the last layer.
    output: features that are given.
  """

  widths: tuple[int, ...] = (64, 192, 384, 256, 256, 512)
  hidden: int = 512
  output: int = 1024

  @nn.compact
  def __call__(self, cepstra: Float[Array, 'b 13 20']) -> Float[Array, 'b c']:
    """Of cepstra by time, see `data_pipelines.media.cepstra`."""
    x = cepstra[..., None]
    place = 0
    for number, width in enumerate(self.widths):
      is_last = number == len(self.widths) - 1
      shape, edge = ((5, 4), 0) if is_last else ((3, 3), 1)
      x = _convolve(width, shape, (1, 1), (edge, edge), place)(x)
      x = nn.relu(_norm(f'norm_{place + 1}')(x))
      place += 3
      if number in _VOICE_POOLS:
        size, stride = _VOICE_POOLS[number]
        x = nn.max_pool(x, (size, size), stride)
        place += 1
    return _finish(x[:, 0, 0], self.hidden, self.output)


# Of each convolution over lips: kernel, strides and edges, by time, rows and
# columns; and what lies around where the largest of nine is taken after it.
_LIP_KERNELS = (
  ((5, 7, 7), (1, 2, 2), (0, 0, 0)),
  ((1, 5, 5), (1, 2, 2), (0, 1, 1)),
  *(3 * (((1, 3, 3), (1, 1, 1), (0, 1, 1)),)),
  ((1, 6, 6), (1, 1, 1), (0, 0, 0)),
)
_LIP_POOLS = {0: 0, 1: 1, 4: 0}
_VOICE_POOLS = {0: (1, (1, 1)), 1: (3, (1, 2)), 4: (3, (2, 2))}


def _convolve(width, shape, stride, edges, place) -> nn.Conv:
  return nn.Conv(width, shape, stride, _pad(*edges), name=f'conv_{place}')


def _norm(name: str) -> nn.BatchNorm:
  return nn.BatchNorm(use_running_average=True, epsilon=_EPSILON, name=name)


def _finish(x, hidden: int, output: int):
  x = nn.Dense(hidden, name='fc_0')(x)
  x = nn.relu(_norm('fc_norm_1')(x))
  return nn.Dense(output, name='fc_3')(x)


def _pad(*edges: int) -> list[tuple[int, int]]:
  return [(edge, edge) for edge in edges]
