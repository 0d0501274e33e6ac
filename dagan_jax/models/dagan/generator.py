"""Draws the source face in the driving frame's motion."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from flax import linen as nn
from flax.core import FrozenDict
from jaxtyping import Array, Float

from dagan_jax.geometry.motion import Motion
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.geometry.warp import warp
from dagan_jax.models.dagan.decoders import Decoder
from dagan_jax.models.dagan.spade import SpadeDecoder
from dagan_jax.models.layers.attention import (
  CrossModalAttention,
  Fusion,
  Geometry,
)
from dagan_jax.models.layers.blocks import (
  DownBlock,
  SameBlock,
)

DecoderKind = Literal['plain', 'multi_level', 'spade']


class Encoding(NamedTuple):
  """What the generator knows of the source; the same for a whole video.

  One entry for each level that is decoded, the deepest first.
  """

  appearance: tuple[Float[Array, 'b _ _ _'], ...]
  geometry: tuple[Geometry, ...]  # the depth's side of attention; () without


class Layer(NamedTuple):
  """What one level of the generator hands to the decoder."""

  features: Float[Array, 'b h w c']  # warped, partly hidden, enhanced
  attention: Float[Array, 'b _ _ 1'] | None  # share that each key gets


class Blend(NamedTuple):
  """How much of the moved source is kept, and what is drawn in its place.

  prediction = kept * deformed + (1 - kept) * drawn
  """

  drawn: Float[Array, 'b h w 3']  # a whole picture in [0, 1]
  kept: Float[Array, 'b h w 1']  # in [0, 1]; 0 where the source hides it


class Drawing(NamedTuple):
  """The result, and what it was made of."""

  prediction: Float[Array, 'b h w 3']
  layers: tuple[Layer, ...]  # the deepest first
  blend: Blend | None  # of a generator that may keep the moved source


class Generator(nn.Module):
  """Encodes the source, warps its features, hides, mends and decodes them.

  `fusion` says how the source's depth takes part: 'none' is FOMM [section
  3.2]; in 'depth', which is DaGAN, queries come from depth, keys and values
  from the warped face [section 3.3]; in 'cross_modal', which is DaGAN++,
  queries come from the warped face, keys and values from depth [section 3.4].
  Of the decoders, 'plain' takes the deepest features, as both FOMM and DaGAN
  do, 'multi_level' those of every level [DaGAN++, section 3.5], and 'spade' the
  deepest ones and the warped source [DaGAN's SPADE variant]. With `blend` the
  decoder also says, pixel by pixel, how much of the moved source picture itself
  to keep; no paper here has it. Where papers leave room the fields choose;
  `configs/dagan.py` tells what they mean.
  """

  width: int
  max_width: int
  levels: int
  residual_blocks: int
  level_residual_blocks: int = 0
  pool_first: bool = False
  fusion: Fusion = 'depth'
  decoder: DecoderKind = 'plain'
  depth_kv: Literal['deepest', 'per_level'] = 'deepest'
  warp_depth: bool = False
  align_corners: bool = False
  blend: bool = False
  attention: Mapping[str, Any] = FrozenDict()  # fields of CrossModalAttention

  def setup(self):
    widths = tuple(
      min(self.max_width, self.width * 2**i) for i in range(self.levels)
    )
    self.first, self.down = self._encoder(widths)
    channels = 4 if self.blend else 3  # the fourth: how much is kept
    self.decoded = self.levels if self.decoder == 'multi_level' else 1
    if self.fusion != 'none':
      self.depth_first, self.depth_down = self._encoder(widths)
      self.enhance = [
        CrossModalAttention(features, self.fusion, **self.attention)
        for features in reversed(widths[-self.decoded :])
      ]
    if self.decoder == 'spade':
      self.decode_features = SpadeDecoder(
        self.width, self.max_width, self.levels - 1, channels
      )
    else:
      self.decode_features = Decoder(
        widths, self.residual_blocks, self.level_residual_blocks, channels
      )

  def encode(
    self,
    image: Float[Array, 'b h w 3'],
    disparity: Float[Array, 'b h w 1'] | None,
    *,
    train: bool,
  ) -> Encoding:
    """All that depends on the source alone."""
    appearance = self._pyramid(self.first, self.down, image, train=train)
    if self.fusion == 'none':
      return Encoding(appearance, ())
    depth = self._pyramid(
      self.depth_first, self.depth_down, disparity, train=train
    )
    if self.fusion == 'cross_modal' and self.depth_kv == 'deepest':
      depth = depth[:1] * len(depth)
    pairs = zip(self.enhance, depth, strict=True)
    return Encoding(appearance, tuple(a.geometry(x) for a, x in pairs))

  def decode(
    self,
    encoding: Encoding,
    motion: Motion,
    deformed: Float[Array, 'b h w 3'],
    *,
    train: bool,
  ) -> Drawing:
    """The picture in [0, 1]; `deformed` is the source picture itself, moved."""
    layers = tuple(
      self._layer(i, encoding, motion) for i in range(self.decoded)
    )
    features = tuple(layer.features for layer in layers)
    if self.decoder == 'spade':
      seen = self._hide(deformed, motion)
      decoded = self.decode_features(*features, seen, train=train)
    else:
      decoded = self.decode_features(features, train=train)
    if not self.blend:
      return Drawing(decoded, layers, None)
    blend = Blend(decoded[..., :3], self._hide(decoded[..., 3:], motion))
    prediction = blend.kept * deformed + (1 - blend.kept) * blend.drawn
    return Drawing(prediction, layers, blend)

  def deform(
    self, image: Float[Array, 'b h w c'], motion: Motion
  ) -> Float[Array, 'b h w c']:
    """A picture or features of the source, moved and nothing else."""
    flow = resize_bilinear(
      motion.flow, *image.shape[1:3], align_corners=self.align_corners
    )
    return warp(image, flow, align_corners=self.align_corners)

  def _layer(self, level: int, encoding: Encoding, motion: Motion) -> Layer:
    """A level's features as the motion says, enhanced by depth."""
    x = self._hide(self.deform(encoding.appearance[level], motion), motion)
    if self.fusion == 'none':
      return Layer(x, None)
    geometry = encoding.geometry[level]
    if self.warp_depth:
      # Depth's query, or its key and value, come from 1 x 1 convolutions, so
      # inside the picture and without ReLU warping them equals warping the
      # depth's features. They are made once for a video.
      geometry = tuple(self.deform(view, motion) for view in geometry)
    return Layer(*self.enhance[level](geometry, x))

  def _hide(self, moved: Array, motion: Motion) -> Array:
    """What is moved, without what the source does not show."""
    seen = motion.occlusion_at(
      *moved.shape[1:3], align_corners=self.align_corners
    )
    return (moved * seen).astype(moved.dtype)

  def _encoder(self, widths: tuple[int, ...]):
    down = [
      DownBlock(features, pool_first=self.pool_first) for features in widths[1:]
    ]
    return SameBlock(self.width, 7), down

  def _pyramid(self, first, down, x, *, train: bool):
    """Features of the levels to decode, the deepest first."""
    maps = [first(x, train=train)]
    for block in down:
      maps.append(block(maps[-1], train=train))
    return tuple(reversed(maps[-self.decoded :]))
