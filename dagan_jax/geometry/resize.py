"""Making images larger and smaller, as the published networks do it."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


def resize_bilinear(
  image: Float[Array, 'b H W c'],
  height: int,
  width: int,
  *,
  align_corners: bool = False,
) -> Float[Array, 'b h w c']:
  """Bilinear interpolation, never antialiased.

  The pictures' outer edges meet, or, with `align_corners`, the centres of their
  corner pixels do, as those of grids over [-1, 1] do.
  """
  if image.shape[1:3] == (height, width):
    return image
  shape = (image.shape[0], height, width, image.shape[3])
  if not align_corners:
    return jax.image.resize(image, shape, 'linear', antialias=False)
  sizes = np.array([shape[1:3], image.shape[1:3]], np.float32)
  larger = (sizes[0] - 1) / np.maximum(sizes[1] - 1, 1)
  shift = (1 - larger) / 2  # the first pixel's centre stays at 0.5
  return jax.image.scale_and_translate(
    image, shape, (1, 2), larger, shift, 'linear', antialias=False
  )


def resize_nearest(
  image: Float[Array, 'b H W c'], height: int, width: int
) -> Float[Array, 'b h w c']:
  """The pixel whose share of the picture each new one's first corner is in."""
  rows = np.arange(height) * image.shape[1] // height
  columns = np.arange(width) * image.shape[2] // width
  return image[:, rows][:, :, columns]


def upsample_nearest(
  image: Float[Array, 'b h w c'],
) -> Float[Array, 'b 2*h 2*w c']:
  """Every pixel becomes two by two of itself."""
  return jnp.repeat(jnp.repeat(image, 2, axis=1), 2, axis=2)


def downsample_antialiased(
  image: Float[Array, 'b H W c'], scale: float
) -> Float[Array, 'b h w c']:
  """A Gaussian blur, then every (1 / scale)-th pixel from the first on.

  Blur and choice are linear and separable, so that each axis is one product
  with a narrow banded matrix. Outside the image is black.
  """
  if scale == 1:
    return image
  rows = _downsampling_matrix(image.shape[1], scale)
  columns = _downsampling_matrix(image.shape[2], scale)
  image = jnp.einsum('oh,bhwc->bowc', rows, image)
  return jnp.einsum('ow,bhwc->bhoc', columns, image)


@functools.cache
def _downsampling_matrix(size: int, scale: float) -> np.ndarray:
  """What each kept pixel takes from each pixel, (size * scale, size)."""
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
