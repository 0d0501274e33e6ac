"""Convolutions with fewer products than their definition, for processors.

A fast form has other weights than the kernel. Making these takes longer than
one frame gains, so that it is done once, by `prepare`, when a network that has
learnt is loaded; `apply` puts them in the place of its kernels. The network
itself knows of neither.
"""

import functools
import operator
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.layers.convolution import (
  SMALL_MAP,
  Conv,
  Edges,
  replace_convolutions,
)

Form = Literal['phases', 'winograd', 'lanes']

# Where Winograd's form took less time than XLA's own, measured on two cores; on
# narrower layers and smaller maps its transforms cost more than they save. On
# maps below `_MAPS` it must not read large kernels, four times as large as
# plain ones, for few pixels.
_LEAST_FEATURES = 32
_MAPS = range(32**2, 128**2 + 1)
_SMALLER_MAPS = range(16**2, 32**2)
_MOST_WEIGHTS = 128 * 128  # of a tap, on the smaller maps

# XLA's own convolution reads so many features of the map at once, or each by
# itself where they do not divide into such lanes.
_LANES = 4

# Which of a row's three taps fall on the same input pixel after doubling, by
# phase. The first phase sees the pixel before and the pixel itself, the second
# the pixel itself and the one after.
_PHASES = np.array([[[1, 0, 0], [0, 1, 1]], [[1, 1, 0], [0, 0, 1]]], np.float32)

# F(4 x 4, 3 x 3) [Lavin and Gray 2016, section 4.3]: to make a row of four
# pixels of six with three taps takes six products in place of twelve.
_TAPS = np.array(
  [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ],
  np.float32,
)
_INPUT = (
  (4, 0, -5, 0, 1, 0),
  (0, -4, -4, 1, 1, 0),
  (0, 4, -4, -1, 1, 0),
  (0, -2, -1, 2, 1, 0),
  (0, 2, -1, -2, 1, 0),
  (0, 4, 0, -5, 0, 1),
)
_OUTPUT = (
  (1, 1, 1, 1, 1, 0),
  (0, 1, -1, 2, -2, 0),
  (0, 1, 1, 4, 4, 0),
  (0, 1, -1, 8, -8, 1),
)


Fast = dict[str, tuple[Array, Array | None]]


class Weights(NamedTuple):
  """What `apply` computes with."""

  variables: dict[str, Any]  # of the network
  # By the path of a convolution: the weights for the map, and for what lies
  # beside it, if there is a fast form for that too.
  fast: Fast

  def narrow(self, *networks: str) -> 'Weights':
    """Those of some networks alone: a call looks at all that it is given."""
    variables = {
      collection: {name: part[name] for name in networks if name in part}
      for collection, part in self.variables.items()
    }
    fast = {
      path: weights
      for path, weights in self.fast.items()
      if path.split('/')[0] in networks
    }
    return Weights(variables, fast)


class Plan(NamedTuple):
  """A convolution that has fast forms; it has a hash."""

  path: tuple[str, ...]
  channels: int  # of the map, without what lies beside it
  form: Form
  form_beside: Form | None


def plan_forms(network: nn.Module, *inputs) -> tuple[tuple[Plan, ...], Any]:
  """Which convolutions have fast forms, and the shapes of what it learns.

  Nothing is computed: the network is only gone through, which takes a second.

  Args:
    network: the network.
    *inputs: what it will be called with, or the shapes: they decide.
  """
  plans: dict[tuple[str, ...], Plan] = {}  # a network is used for both faces

  def record(plain, conv, x, beside, kernel):
    channels = x.shape[-1]
    shapes = [part.shape for part in _split(kernel, channels)]
    form = find_form(shapes[0], *x.shape[1:3], conv.stride, conv.upsampled)
    form_beside = None
    if beside is not None:
      size = beside.shape[1:3]
      form_beside = find_form(shapes[1], *size, conv.stride, upsampled=False)
    if form:
      plans[conv.path] = Plan(conv.path, channels, form, form_beside)
    return plain(x, beside, kernel)

  with replace_convolutions(record):
    shapes = jax.eval_shape(network.init, jax.random.key(0), *inputs)
  return tuple(plans.values()), shapes


def prepare(plans: tuple[Plan, ...], variables: dict[str, Any]) -> Fast:
  """Makes the weights of fast forms of what a network has learnt."""
  make = {
    'phases': phases,
    'winograd': winograd,
    'lanes': functools.partial(fill_lanes, axis=-2),
    None: lambda kernel: None,
  }
  fast = {}
  for path, channels, *both in plans:
    layer = functools.reduce(operator.getitem, path, variables['params'])
    kernels = _split(layer['kernel'], channels)
    fast['/'.join(path)] = tuple(
      make[form](kernel) for form, kernel in zip(both, kernels, strict=True)
    )
  return fast


def apply(network: nn.Module, weights: Weights, *inputs, **options) -> Any:
  """`network.apply` with fast forms, and in the precision of each kernel.

  A convolution whose kernel is in bfloat16 takes and gives bfloat16.
  """

  def replace(plain, conv, x, beside, kernel):
    x = x.astype(kernel.dtype)
    beside = None if beside is None else beside.astype(kernel.dtype)
    own, others = weights.fast.get('/'.join(conv.path), (None, None))
    if own is None:
      return plain(x, beside, kernel)
    y = _convolve_fast(conv, x, own)
    if beside is None:
      return y
    if others is not None:
      return y + _convolve_fast(conv, beside, others)
    kernel = _split(kernel, x.shape[-1])[1]
    return y + conv.cross_edges(beside, kernel)

  with replace_convolutions(replace):
    return network.apply(weights.variables, *inputs, **options)


def _split(kernel, channels: int):
  """Of a kernel what meets the map, and what meets that which lies beside."""
  return kernel[:, :, :channels], kernel[:, :, channels:]


def _convolve_fast(conv: Conv, x, weights):
  match weights.shape[0]:
    case 2:
      return convolve_upsampled(x, weights, conv.edges)
    case 6:
      return convolve_winograd(conv.pad(x), weights)
  return conv.cross_edges(fill_lanes(x, axis=-1), weights)


def find_form(
  kernel: tuple[int, ...], height: int, width: int, stride: int, upsampled: bool
) -> Form | None:
  """Names the form that is faster than the plain convolution, if there is one.

  Args:
    kernel: its shape (s, s, c, f).
    height: of the map that comes in.
    width: likewise.
    stride: of the convolution.
    upsampled: whether the map is to be doubled first, by nearest neighbours.
  """
  channels, features = kernel[2:]
  pixels = height * width
  if kernel[:2] == (3, 3) and stride == 1:
    if upsampled:
      return 'phases'
    few = channels * features <= _MOST_WEIGHTS
    fits = pixels in _MAPS or (few and pixels in _SMALLER_MAPS)
    if fits and min(channels, features) >= _LEAST_FEATURES:
      return 'winograd'
  is_ragged = channels > _LANES and channels % _LANES
  is_own = pixels > SMALL_MAP * stride**2 and not upsampled
  # Kernels of an even size would look like the weights of other forms.
  return 'lanes' if is_ragged and is_own and kernel[0] % 2 else None


def phases(kernel: Float[Array, '3 3 c f']) -> Float[Array, '2 2 c g']:
  """Weights for `convolve_upsampled`."""
  joined = jnp.einsum('pai,qbj,ijcf->abcpqf', _PHASES, _PHASES, kernel)
  return joined.reshape(*joined.shape[:3], -1)


def convolve_upsampled(
  x: Float[Array, 'b h w c'], weights: Float[Array, '2 2 c g'], edges: Edges
) -> Float[Array, 'b 2*h 2*w _']:
  """Convolves 3 x 3 the map with every pixel doubled, at 4/9 of the cost.

  Of nine taps on doubled pixels several meet the same pixel. Joined, they are
  2 x 2 taps, of another kind for each combination of even and odd rows and
  columns. One convolution finds all four kinds at the corners between pixels;
  each kind serves another pixel around that corner. With reflected edges the
  margin of a doubled map is its last pixel again.
  """
  batch, height, width, _ = x.shape
  mode = {'zeros': 'constant', 'reflected': 'edge'}[edges]
  x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode)
  corners = jax.lax.conv_general_dilated(
    x, weights, (1, 1), 'VALID', dimension_numbers=('NHWC', 'HWIO', 'NHWC')
  )
  corners = corners.reshape(batch, height + 1, width + 1, 2, 2, -1)
  rows = [
    jnp.stack(
      [corners[:, p : p + height, q : q + width, p, q] for q in (0, 1)], axis=3
    )
    for p in (0, 1)
  ]
  return jnp.stack(rows, axis=2).reshape(batch, 2 * height, 2 * width, -1)


def winograd(kernel: Float[Array, '3 3 c f']) -> Float[Array, '6 6 c f']:
  """Weights for `convolve_winograd`."""
  return jnp.einsum('ai,bj,ijcf->abcf', _TAPS, _TAPS, kernel)


def convolve_winograd(
  x: Float[Array, 'b H W c'], weights: Float[Array, '6 6 c f']
) -> Float[Array, 'b h w f']:
  """Convolves 3 x 3 a map that has its margin of one pixel.

  It takes a quarter of the products, and errs by up to 1.5e-5 of the largest
  result.
  """
  batch, height, width, features = x.shape
  height, width = height - 2, width - 2
  down, across = -(-height // 4), -(-width // 4)  # tiles of 4 x 4 pixels
  missing = 4 * down - height, 4 * across - width
  x = jnp.pad(x, ((0, 0), *((0, more) for more in missing), (0, 0)))
  rows = _combine(
    _INPUT, [x[:, i : i + 4 * down - 3 : 4] for i in range(6)], axis=0
  )
  tiles = _combine(
    _INPUT, [rows[..., j : j + 4 * across - 3 : 4, :] for j in range(6)], axis=1
  )
  products = jnp.matmul(
    tiles.reshape(36, -1, features), weights.reshape(36, features, -1)
  )
  products = products.reshape(6, 6, batch, down, across, -1)
  rows = _combine(_OUTPUT, list(products), axis=0)
  pixels = _combine(_OUTPUT, [rows[:, j] for j in range(6)], axis=1)
  pixels = jnp.transpose(pixels, (2, 3, 0, 4, 1, 5))
  pixels = pixels.reshape(batch, 4 * down, 4 * across, -1)
  return pixels[:, :height, :width]


def fill_lanes(x: Float[Array, '...'], axis: int) -> Float[Array, '...']:
  """An array with zeros at the end of an axis, up to a multiple of `_LANES`."""
  missing = [(0, 0)] * x.ndim
  missing[axis] = 0, -x.shape[axis] % _LANES
  return jnp.pad(x, missing)


def _combine(matrix, parts: list[Array], axis: int) -> Array:
  """Multiplies parts by a small matrix, written out so that XLA fuses it."""
  return jnp.stack(
    [
      sum(
        factor * part for factor, part in zip(row, parts, strict=True) if factor
      )
      for row in matrix
    ],
    axis,
  )
