"""Draws the source face in the driving frame's motion."""

from typing import Literal, NamedTuple

from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.geometry.motion import Motion
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.geometry.warp import warp
from dagan_jax.models.attention import DepthAttention
from dagan_jax.models.blocks import (
  Conv,
  DownBlock,
  ResBlock,
  SameBlock,
  UpBlock,
)


class Encoding(NamedTuple):
  """What the generator knows of the source; the same for a whole clip."""

  appearance: Float[Array, 'b h w c']
  query: Float[Array, 'b h w d'] | None  # what the source's depth asks


class Generator(nn.Module):
  """Encodes the source, warps its features, hides, mends and decodes them.

  `fusion` says how the source's depth takes part: 'none' is FOMM [section
  3.2], 'depth' is DaGAN, whose warped features are enhanced by attention from
  the source's depth [section 3.3].
  """

  width: int
  max_width: int
  down_blocks: int
  residual_blocks: int
  fusion: Literal['none', 'depth'] = 'depth'
  attention_chunk: int = 512
  align_corners: bool = False

  def setup(self):
    widths = [
      min(self.max_width, self.width * 2**i)
      for i in range(self.down_blocks + 1)
    ]
    self.first = SameBlock(self.width, 7)
    self.down = [DownBlock(features) for features in widths[1:]]
    if self.fusion == 'depth':
      self.depth_first = SameBlock(self.width, 7)
      self.depth_down = [DownBlock(features) for features in widths[1:]]
      self.attention = DepthAttention(widths[-1], self.attention_chunk)
    self.residual = [ResBlock(widths[-1]) for _ in range(self.residual_blocks)]
    self.up = [UpBlock(features) for features in reversed(widths[:-1])]
    self.final = Conv(3, 7)

  def encode(
    self,
    image: Float[Array, 'b h w 3'],
    disparity: Float[Array, 'b h w 1'] | None,
    *,
    train: bool,
  ) -> Encoding:
    """All that depends on the source alone."""
    x = self.first(image, train=train)
    for block in self.down:
      x = block(x, train=train)
    if self.fusion == 'none':
      return Encoding(x, None)
    depth = self.depth_first(disparity, train=train)
    for block in self.depth_down:
      depth = block(depth, train=train)
    return Encoding(x, self.attention.query(depth))

  def decode(
    self, encoding: Encoding, motion: Motion, *, train: bool
  ) -> Float[Array, 'b h w 3']:
    """The picture in [0, 1]."""
    x = encoding.appearance
    size = x.shape[1:3]
    flow = resize_bilinear(motion.flow, *size)
    x = warp(x, flow, align_corners=self.align_corners)
    x = x * resize_bilinear(motion.occlusion, *size)
    if self.fusion == 'depth':
      x = self.attention(encoding.query, x)
    for block in (*self.residual, *self.up):
      x = block(x, train=train)
    return nn.sigmoid(self.final(x))

  def deform(
    self, image: Float[Array, 'b h w 3'], motion: Motion
  ) -> Float[Array, 'b h w 3']:
    """The source picture itself, moved by the flow and nothing else."""
    flow = resize_bilinear(motion.flow, *image.shape[1:3])
    return warp(image, flow, align_corners=self.align_corners)
