"""Tells real pictures from those that GoHD's animator draws."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.animator_encoders import HalvingBlock, features_at
from dagan_jax.models.gohd.equalised import EqualConv, EqualLinear, activate

_GROUP = 4  # pictures of a batch that are compared with each other, at most
_EPSILON = 1e-8


class PictureDiscriminator(nn.Module):
  """StyleGAN2's discriminator: a score for a picture [Karras et al. 2020].

  Attributes:
    width: of all maps up to 32 pixels.
  """

  width: int = 512

  @nn.compact
  def __call__(self, picture: Float[Array, 'b h w 3']) -> Float[Array, 'b 1']:
    """The scores of pictures in [-1, 1], whose sides are a power of two."""
    size = picture.shape[1]
    x = EqualConv(features_at(size, self.width), 1, name='first')(picture)
    for i in range(1, size.bit_length() - 2):
      x = HalvingBlock(features_at(size >> i, self.width), name=f'block_{i}')(x)
    x = jnp.concatenate([x, _variety(x)], axis=-1)
    x = EqualConv(self.width, 3, padding=1, name='last')(x)
    x = EqualLinear(self.width, name='hidden')(x.reshape(len(x), -1))
    return EqualLinear(1, name='score')(activate(x))


def _variety(x: Float[Array, 'b h w c']) -> Float[Array, 'b h w 1']:
  """How much the pictures of a group differ [Karras et al. 2018, section 3].

  Whoever draws always the same face is found out by it.
  """
  count, height, width, channels = x.shape
  group = max(n for n in range(1, _GROUP + 1) if count % n == 0)
  groups = x.reshape(group, -1, height, width, channels)
  spread = jnp.sqrt(jnp.var(groups, axis=0) + _EPSILON)
  spread = jnp.mean(spread, axis=(1, 2, 3))
  return jnp.broadcast_to(
    jnp.tile(spread, group)[:, None, None, None], (count, height, width, 1)
  )
