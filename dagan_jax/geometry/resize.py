"""Making images larger and smaller, as the published networks do it."""

import functools
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int


def resize_bilinear(
  image: Float[Array, 'b H W c'],
  height: int,
  width: int,
  *,
  align_corners: bool = False,
) -> Float[Array, 'b h w c']:
  """Resizes by bilinear interpolation, never antialiased.

  Args:
    image: what to resize.
    height: of the result.
    width: of the result.
    align_corners: what both pictures have in common. False: the outer edges of
      their outermost pixels. True: the centres of their corner pixels, as in
      `identity_flow`.
  """
  if image.shape[1:3] == (height, width):
    return image
  shape = (image.shape[0], height, width, image.shape[3])
  if not align_corners:
    return jax.image.resize(image, shape, 'linear', antialias=False)
  sizes = np.array([shape[1:3], image.shape[1:3]], np.float32)
  scale = (sizes[0] - 1) / np.maximum(sizes[1] - 1, 1)
  shift = (1 - scale) / 2  # the first pixel's centre stays at 0.5
  return jax.image.scale_and_translate(
    image, shape, (1, 2), scale, shift, 'linear', antialias=False
  )


def enlarge(
  image: Float[Array, 'b H W c'],
  height: int,
  width: int,
  method: Literal['linear', 'cubic'],
) -> Float[Array, 'b h w c']:
  """Enlarges by interpolation; outer edges stay where they are.

  As `jax.image.resize`, which multiplies with a whole matrix, but with the two
  or four pixels alone that a new one is made of: in half the time on a
  processor. Gradients would be slower; nothing learns through this.
  """
  for axis, size in ((1, height), (2, width)):
    first, weights = _taps(image.shape[axis], size, method)
    shape = [1] * image.ndim
    shape[axis] = size
    image = sum(
      jnp.take(image, first + i, axis=axis, mode='clip') * weight.reshape(shape)
      for i, weight in enumerate(weights)
    )
  return image


@functools.cache
def _taps(
  old: int, new: int, method: str
) -> tuple[Int[np.ndarray, 'n'], Float[np.ndarray, 't n']]:
  """The first old pixel that a new one is made of, and the weights from it on.

  Which pixels count, and how much where some lie outside, is JAX's own choice.
  """
  with jax.ensure_compile_time_eval():
    one_by_one = jnp.eye(old)
    matrix = jax.image.resize(one_by_one, (new, old), method, antialias=False)
  matrix = np.asarray(matrix)
  counts = matrix != 0
  first = counts.argmax(axis=1)
  last = old - 1 - counts[:, ::-1].argmax(axis=1)
  most = (last - first).max() + 1
  first = np.minimum(first, old - most)
  rows = np.arange(new)
  return first, np.stack([matrix[rows, first + i] for i in range(most)])


def resize_nearest(
  image: Float[Array, 'b H W c'], height: int, width: int
) -> Float[Array, 'b h w c']:
  """Copies, for each new pixel, the pixel under its upper left corner."""
  rows = np.arange(height) * image.shape[1] // height
  columns = np.arange(width) * image.shape[2] // width
  return image[:, rows][:, :, columns]


def upsample_nearest(
  image: Float[Array, 'b h w c'],
) -> Float[Array, 'b 2*h 2*w c']:
  """Doubles the resolution: each pixel is repeated two by two times."""
  return jnp.repeat(jnp.repeat(image, 2, axis=1), 2, axis=2)


def downsample_antialiased(
  image: Float[Array, 'b H W c'], scale: float
) -> Float[Array, 'b h w c']:
  """Blurs with a Gaussian, then keeps every (1 / scale)-th pixel.

  The first pixel of each axis is kept. Both steps are linear and separable, so
  that each axis takes one product with a banded matrix. The image is taken to
  be black outside.
  """
  if scale == 1:
    return image
  rows = _downsampling_matrix(image.shape[1], scale)
  columns = _downsampling_matrix(image.shape[2], scale)
  image = jnp.einsum('oh,bhwc->bowc', rows, image)
  return jnp.einsum('ow,bhwc->bhoc', columns, image)


@functools.cache
def _downsampling_matrix(size: int, scale: float) -> np.ndarray:
  """The weight of each pixel in each kept one, (size * scale, size)."""
  sigma = (1 / scale - 1) / 2
  radius = round(4 * sigma)
  kernel = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
  kernel /= kernel.sum()
  stride = round(1 / scale)
  kept = np.arange(0, size, stride)
  offset = np.arange(size)[None] - kept[:, None] + radius
  inside = (offset >= 0) & (offset < len(kernel))
  matrix = np.where(inside, kernel[np.clip(offset, 0, len(kernel) - 1)], 0)
  return matrix.astype(np.float32)
