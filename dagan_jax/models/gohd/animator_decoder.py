"""Draws a portrait anew, as a latent says: GoHD's decoder."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.warp import identity_flow, warp
from dagan_jax.models.gohd.animator_encoders import features_at
from dagan_jax.models.gohd.equalised import (
  EqualConv,
  ModulatedConv,
  StyledConv,
  enlarge_smoothly,
  normal,
  zeros,
)
from dagan_jax.models.layers.convolution import Conv

_FIRST = 4  # pixels of the constant map that all begins with


class AnimatorDecoder(nn.Module):
  """Pictures at every resolution, after LIA [Wang et al. 2022].

  Attributes:
    width: of the latent, and of all maps up to 32 pixels.
    transformed_from: pixels, from which resolution on features are transformed
      by the latent before they are drawn.
    mixes_features: whether, there, what is drawn over is told by features where
      a mask is meant. The published code does so, and its weights learnt so.
  """

  width: int = 512
  transformed_from: int = 64
  mixes_features: bool = True

  @nn.compact
  def __call__(
    self,
    latent: Float[Array, 'b z'],
    maps: tuple[Float[Array, 'b _ _ _'], ...],
  ) -> tuple[Float[Array, 'b _ _ 3'], ...]:
    """Pictures in about [-1, 1], the coarsest first, one for each map.

    Args:
      latent: what to draw.
      maps: the portrait's features at 8 pixels, 16 and so on.
    """
    constant = self.param('input', normal, (_FIRST, _FIRST, self.width))
    x = jnp.broadcast_to(constant, (len(latent), *constant.shape))
    x = StyledConv(self.width, name='first')(x, latent)
    flow = picture = None
    pictures, transforms = [], 0
    for i, features in enumerate(maps):
      size = features.shape[1]
      width = features_at(size, self.width)
      enlarging = StyledConv(width, is_enlarging=True, name=f'conv_{2 * i}')
      x = enlarging(x, latent)
      x = StyledConv(width, name=f'conv_{2 * i + 1}')(x, latent)
      flow = _ToFlow(name=f'to_flow_{i}')(x, latent, flow)
      # The published grid is that of aligned corners, but sampled without.
      grid = identity_flow(size, size) + jnp.tanh(flow[..., :2])
      mask = jax.nn.sigmoid(flow[..., 2:])
      shown = warp(features, grid) * mask
      over = shown + x * (1 - mask)
      if size < self.transformed_from:
        x = over
      else:
        transform = FeatureTransform(name=f'sft_{transforms}')
        shown = transform(shown, latent)
        x = shown + x * (1 - (over if self.mixes_features else mask))
        transforms += 1
      picture = _ToPicture(name=f'to_rgb_{i}')(shown, picture)
      pictures.append(picture)
    return tuple(pictures)


class FeatureTransform(nn.Module):
  """Scales and shifts each feature of each pixel, as the latent says."""

  @nn.compact
  def __call__(
    self, x: Float[Array, 'b h w c'], latent: Float[Array, 'b z']
  ) -> Float[Array, 'b h w c']:
    found = []
    for name in ('scale', 'shift'):
      y = StyledConv(x.shape[-1], name=f'{name}1')(x, latent)
      y = Conv(x.shape[-1], name=f'{name}2')(nn.leaky_relu(y, 0.2))
      found.append(y)
    scale, shift = found
    return x + x * scale + shift


class _ToFlow(nn.Module):
  """Adds to the flow and mask of the resolution before."""

  @nn.compact
  def __call__(self, x, latent, before):
    conv = ModulatedConv(3, 1, is_demodulated=False, name='conv')
    flow = conv(x, latent) + self.param('bias', zeros, (3,))
    return flow if before is None else flow + enlarge_smoothly(before)


class _ToPicture(nn.Module):
  """Adds to the picture of the resolution before."""

  @nn.compact
  def __call__(self, x, before):
    picture = EqualConv(3, 1, name='conv')(x)
    picture = picture + self.param('bias', zeros, (3,))
    return picture if before is None else picture + enlarge_smoothly(before)
