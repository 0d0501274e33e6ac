"""Sampling one image where a flow says."""

from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.resize import enlarge

Padding = Literal['zeros', 'border', 'reflection']


def identity_flow(height: int, width: int) -> Float[Array, 'h w 2']:
  """The (x, y) of every pixel; -1 and 1 are the centres of the edge pixels."""
  x = jnp.linspace(-1.0, 1.0, width)
  y = jnp.linspace(-1.0, 1.0, height)
  return jnp.stack(jnp.meshgrid(x, y), axis=-1)


def enlarge_flow(
  flow: Float[Array, 'b H W 2'],
  height: int,
  width: int,
  *,
  align_corners: bool = False,
) -> Float[Array, 'b h w 2']:
  """The same motion for pictures of more pixels, which warp by aligned corners.

  Both pictures show the same square from edge to edge. By how many pixels a
  pixel looks away from its own place is enlarged, not the places themselves:
  what stands still does so exactly, at any size.

  Args:
    flow: for every pixel of the small picture, where to look in it.
    height: of the large picture.
    width: likewise.
    align_corners: what -1 and 1 mean in `flow`, as for `warp`.
  """
  small = np.float32(flow.shape[2:0:-1])
  large = np.float32([width, height])
  if align_corners:
    place = (flow + 1) * (small - 1) / 2
  else:
    place = ((flow + 1) * small - 1) / 2
  own = jnp.meshgrid(jnp.arange(small[0]), jnp.arange(small[1]))
  away = enlarge(place - jnp.stack(own, axis=-1), height, width, 'linear')
  return identity_flow(height, width) + away * 2 * large / small / (large - 1)


def warp(
  image: Float[Array, 'b H W c'],
  flow: Float[Array, 'b h w 2'],
  *,
  padding: Padding = 'zeros',
  align_corners: bool = False,
) -> Float[Array, 'b h w c']:
  """Samples an image bilinearly at the places that a flow names.

  Args:
    image: what to look at.
    flow: for every output pixel, where to look, as (x, y) in [-1, 1].
    padding: what lies outside the image.
    align_corners: what -1 and 1 mean. True: the centres of the edge pixels, as
      in `identity_flow`. False: their outer edges. The published networks make
      their grids as for True but sample as for False; weights converted from
      them need False, to see the pixels that they were trained on.
  """
  height, width = image.shape[1:3]
  x = _pixels(flow[..., 0], width, padding, align_corners)
  y = _pixels(flow[..., 1], height, padding, align_corners)
  x0, y0 = jnp.floor(x), jnp.floor(y)
  right, below = x - x0, y - y0
  x0, y0 = x0.astype(jnp.int32), y0.astype(jnp.int32)
  flat = image.reshape(image.shape[0], height * width, -1)

  def tap(row, column, weight):
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    index = jnp.clip(row, 0, height - 1) * width
    index = index + jnp.clip(column, 0, width - 1)
    # One gather over flattened pixels is the form that XLA runs fast.
    values = jnp.take_along_axis(
      flat, index.reshape(index.shape[0], -1, 1), axis=1
    )
    weight = jnp.where(inside, weight, 0.0)[..., None]
    return values.reshape(*index.shape, -1) * weight

  sampled = (
    tap(y0, x0, (1 - right) * (1 - below))
    + tap(y0, x0 + 1, right * (1 - below))
    + tap(y0 + 1, x0, (1 - right) * below)
    + tap(y0 + 1, x0 + 1, right * below)
  )
  return sampled.astype(image.dtype)


def _pixels(place, size: int, padding: Padding, align_corners: bool):
  """Turns [-1, 1] into pixels, folded or clipped as the padding asks."""
  if align_corners:
    pixel, low, high = (place + 1) * (size - 1) / 2, 0.0, size - 1.0
  else:
    pixel, low, high = ((place + 1) * size - 1) / 2, -0.5, size - 0.5
  if padding == 'reflection':
    # A line of one pixel has nothing to fold into when corners are aligned.
    span = max(high - low, 1.0)
    away = jnp.abs(pixel - low)
    folds = jnp.floor(away / span)
    rest = away - folds * span
    pixel = jnp.where(folds % 2 == 0, rest + low, high - rest)
  if padding == 'zeros':
    # Everything outside weighs nothing; the bound only keeps the cast to
    # integers defined when a nearly singular Jacobian sends points to infinity.
    return jnp.clip(pixel, -2.0, size + 1.0)
  return jnp.clip(pixel, 0.0, size - 1.0)
