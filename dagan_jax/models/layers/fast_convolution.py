"""Convolutions with fewer products than their definition, for processors.

Their weights are other arrays than the kernel. To make these takes longer than
one frame gains, so that it is done once, when a network that has learnt is
loaded: see `prepared_form` and `Conv`.
"""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Edges = Literal['zeros', 'reflected']
Form = Literal['phases', 'winograd']

# Where Winograd's form took less time than XLA's own on two cores: narrower
# layers and smaller maps are done before its transforms are.
_LEAST_FEATURES = 32
_MAPS = range(32**2, 128**2 + 1)

# Of a row of three taps: which of them fall on the pixel before an upsampled
# pixel's own or on it (first phase), on it or on the one after (second).
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


def prepared_form(
  kernel: tuple[int, ...], height: int, width: int, stride: int, upsampled: bool
) -> Form | None:
  """The form that is faster than the plain convolution, if there is one.

  Args:
    kernel: its shape (s, s, c, f).
    height: of the map that comes in.
    width: likewise.
    stride: of the convolution.
    upsampled: whether the map is to be doubled first, by nearest neighbours.
  """
  if kernel[:2] != (3, 3) or stride != 1:
    return None
  if upsampled:
    return 'phases'
  wide = min(kernel[2:]) >= _LEAST_FEATURES
  return 'winograd' if wide and height * width in _MAPS else None


def phases(kernel: Float[Array, '3 3 c f']) -> Float[Array, '2 2 c g']:
  """Weights for `convolve_upsampled`."""
  joined = jnp.einsum('pai,qbj,ijcf->abcpqf', _PHASES, _PHASES, kernel)
  return joined.reshape(*joined.shape[:3], -1)


def convolve_upsampled(
  x: Float[Array, 'b h w c'], weights: Float[Array, '2 2 c g'], edges: Edges
) -> Float[Array, 'b 2*h 2*w _']:
  """A 3 x 3 convolution of the map with every pixel doubled, at 4/9 the cost.

  Of nine taps on doubled pixels several meet the same pixel. What is left are
  2 x 2 taps, others for even and odd rows and columns. All four are found at
  once at the corners between pixels, where each needs them for another pixel.
  Doubled and then reflected, the edge is the last pixel again.
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
  """A 3 x 3 convolution of a map with its margin of one pixel.

  It takes a quarter of the products, and is 1.5e-5 of the largest result off.
  """
  batch, height, width, features = x.shape
  height, width = height - 2, width - 2
  down, across = -(-height // 4), -(-width // 4)  # tiles of 4 x 4 pixels
  missing = 4 * down - height, 4 * across - width
  x = jnp.pad(x, ((0, 0), *((0, more) for more in missing), (0, 0)))
  rows = _combined(
    _INPUT, [x[:, i : i + 4 * down - 3 : 4] for i in range(6)], axis=0
  )
  tiles = _combined(
    _INPUT, [rows[..., j : j + 4 * across - 3 : 4, :] for j in range(6)], axis=1
  )
  products = jnp.matmul(
    tiles.reshape(36, -1, features), weights.reshape(36, features, -1)
  )
  products = products.reshape(6, 6, batch, down, across, -1)
  rows = _combined(_OUTPUT, list(products), axis=0)
  pixels = _combined(_OUTPUT, [rows[:, j] for j in range(6)], axis=1)
  pixels = jnp.transpose(pixels, (2, 3, 0, 4, 1, 5))
  pixels = pixels.reshape(batch, 4 * down, 4 * across, -1)
  return pixels[:, :height, :width]


def _combined(matrix, parts: list[Array], axis: int) -> Array:
  """A small matrix times parts; written out, for XLA to add them in one go."""
  return jnp.stack(
    [
      sum(
        factor * part for factor, part in zip(row, parts, strict=True) if factor
      )
      for row in matrix
    ],
    axis,
  )
