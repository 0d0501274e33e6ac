"""Joins the keypoints' motions to one flow for the whole image."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.keypoints import Keypoints, gaussian_maps
from dagan_jax.geometry.motion import Motion, sparse_flows
from dagan_jax.geometry.warp import warp
from dagan_jax.models.blocks import Conv
from dagan_jax.models.hourglass import Hourglass


class DenseMotion(nn.Module):
  """Weighs the sparse motions at every pixel and finds what they hide.

  Sees, for each motion, where its keypoint is in either frame and the source
  moved as it proposes [FOMM, section 3.2].
  """

  width: int
  max_width: int
  blocks: int
  scale: float  # of the thumbnail, in which motion is found
  align_corners: bool = False

  @nn.compact
  def __call__(
    self,
    thumbnail: Float[Array, 'b h w 3'],
    source: Keypoints,
    driving: Keypoints,
    *,
    train: bool,
  ) -> Motion:
    batch, height, width, channels = thumbnail.shape
    flows = sparse_flows(source, driving, (height, width))
    motions = flows.shape[1]
    moved = warp(
      thumbnail,
      flows.reshape(batch, motions * height, width, 2),
      align_corners=self.align_corners,
    ).reshape(batch, motions, height, width, channels)
    heat = gaussian_maps(driving.value, height, width)
    heat = heat - gaussian_maps(source.value, height, width)
    heat = jnp.pad(heat, ((0, 0), (0, 0), (0, 0), (1, 0)))  # the background's

    # Features lie motion by motion, each as [heat, red, green, blue].
    x = jnp.concatenate([jnp.moveaxis(heat, 3, 1)[..., None], moved], axis=-1)
    x = jnp.moveaxis(x, 1, 3).reshape(batch, height, width, -1)
    x = Hourglass(self.width, self.max_width, self.blocks, name='hourglass')(
      x, train=train
    )
    masks = nn.softmax(Conv(motions, 7, name='mask')(x), axis=-1)
    return Motion(
      flow=jnp.einsum('bhwm,bmhwc->bhwc', masks, flows),
      occlusion=nn.sigmoid(Conv(1, 7, name='occlusion')(x)),
      masks=masks,
    )
