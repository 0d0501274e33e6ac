"""Joins the keypoints' motions to one flow for the whole image."""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.guides import CLOSING
from dagan_jax.geometry.keypoints import Keypoints, gaussian_maps
from dagan_jax.geometry.motion import (
  Motion,
  pass_through,
  sparse_flows,
  stretching,
)
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.geometry.warp import warp
from dagan_jax.models.layers.blocks import UpBlock
from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.hourglass import Hourglass


class DenseMotion(nn.Module):
  """Weighs the sparse motions at every pixel and finds what they hide.

  Sees, for each motion, where its keypoint is in either frame and the source
  moved as it proposes [FOMM, section 3.2]. With more than one of `occlusions`
  there is one for each of so many sizes, from `finest` pixels down.

  The first `guides` keypoints are not weighed: they say where the flow of the
  others has to pass, which is then of `finest` pixels. What it is stretched
  over there counts as hidden.
  """

  width: int
  max_width: int
  blocks: int
  size: int  # of the thumbnail, in which motion is found
  align_corners: bool = False
  occlusions: int = 1
  guides: int = 0
  kernel: int = 7  # width of the convolutions to masks and occlusion
  finer_width: int = 0  # of the first finer map; 0: half of what it comes from

  @nn.compact
  def __call__(
    self,
    thumbnail: Float[Array, 'b h w 3'],
    source: Keypoints,
    driving: Keypoints,
    *,
    finest: int,
    train: bool,
  ) -> Motion:
    batch, height, width, channels = thumbnail.shape
    points = [face.value[:, : self.guides] for face in (source, driving)]
    source, driving = (
      jax.tree.map(lambda x: x[:, self.guides :], face)
      for face in (source, driving)
    )
    flows = sparse_flows(source, driving, (height, width))
    motions = flows.shape[3]
    moved = warp(
      thumbnail,
      flows.reshape(batch, height, width * motions, 2),
      align_corners=self.align_corners,
    ).reshape(batch, height, width, motions, channels)
    heat = gaussian_maps(driving.value, height, width)
    heat = heat - gaussian_maps(source.value, height, width)
    heat = jnp.pad(heat, ((0, 0), (0, 0), (0, 0), (1, 0)))  # the background's

    # Features lie motion by motion, each as [heat, red, green, blue].
    x = jnp.concatenate([heat[..., None], moved], axis=-1)
    x = x.reshape(batch, height, width, -1)
    hourglass = Hourglass(
      self.width, self.max_width, self.blocks, name='hourglass'
    )
    maps = hourglass(x, train=train)
    x = maps[-1]
    # Places in the picture need more digits than a network's half precision.
    mask = Conv(motions, self.kernel, exact=True, name='mask')
    logits = mask(x).astype(jnp.float32)
    masks = nn.softmax(logits, axis=-1)
    flow = jnp.einsum('bhwm,bhwmc->bhwc', masks, flows)
    occlusion = self._occlusion('occlusion', x)
    more_occlusions = self._more_occlusions(maps, finest, train=train)
    if self.guides:
      # Bent at the finest: an eye that shuts is lower than a thumbnail's pixel.
      loose = resize_bilinear(flow, finest, finest, align_corners=True)
      pairs = [pair for pair in CLOSING if max(pair) < self.guides]
      flow = pass_through(loose, *points, pairs)
      seen = stretching(loose, flow)
      occlusion, *more_occlusions = (
        found * resize_bilinear(seen, *found.shape[1:3])
        for found in (occlusion, *more_occlusions)
      )
    return Motion(flow, occlusion, masks, tuple(more_occlusions))

  def _more_occlusions(self, maps, finest: int, *, train: bool):
    """Maps of `finest` pixels, half of it and so on, but that of `maps[-1]`.

    Coarser ones come from the hourglass on its way up, finer ones from blocks
    that go on from its end, each with half the features.
    """
    if self.occlusions == 1:
      return ()
    features = {x.shape[1]: x for x in maps}
    size = maps[-1].shape[1]
    while size < finest:
      x = features[size]
      width = x.shape[-1] // 2
      if size == self.size:
        width = self.finer_width or width
      size *= 2
      up = UpBlock(width, name=f'up_to_{size // self.size}')
      features[size] = up(x, train=train)
    sizes = (finest // 2**i for i in range(self.occlusions))
    return tuple(
      self._occlusion(f'occlusion_{i}', features[size])
      for i, size in enumerate(sizes)
      if size != maps[-1].shape[1]
    )

  def _occlusion(self, name: str, features):
    logits = Conv(1, self.kernel, name=name)(features)
    return nn.sigmoid(logits.astype(jnp.float32))
