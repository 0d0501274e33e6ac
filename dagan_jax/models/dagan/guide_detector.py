"""Finds points of lids and lips, as known landmarks taught."""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.guides import GUIDES
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.geometry.warp import identity_flow
from dagan_jax.models.dagan.keypoint_detector import heat_up
from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.hourglass import Hourglass


class GuideDetector(nn.Module):
  """The mean place under one heatmap for each of `GUIDES`.

  Unlike those of `KeypointDetector`, heatmaps reach to the picture's edges, so
  that a place means the same in them and in the picture: points that nobody
  names may be found a tenth off, the same in both faces; lips may not. Places
  are told in the coordinates of pictures of `frame` pixels.
  """

  width: int
  max_width: int
  blocks: int
  size: int
  temperature: float
  frame: int

  @nn.compact
  def __call__(
    self, image: Float[Array, 'b h w 3'], *, train: bool
  ) -> Keypoints:
    """The points, each with a Jacobian that turns and stretches nothing."""
    x = downsample_antialiased(image, self.size / image.shape[1])
    hourglass = Hourglass(
      self.width, self.max_width, self.blocks, name='hourglass'
    )
    x = hourglass(x, train=train)[-1]
    logits = Conv(len(GUIDES), 7, exact=True, name='heatmap')(x)
    heatmap = heat_up(logits, self.temperature)
    reach = (1 - 1 / self.size) / (1 - 1 / self.frame)
    grid = reach * identity_flow(*logits.shape[1:3]).reshape(-1, 2)
    value = jnp.einsum('bnk,nc->bkc', heatmap, grid)
    return Keypoints(
      value, jnp.broadcast_to(jnp.eye(2), (*value.shape[:2], 2, 2))
    )
