"""The whole network that animates: depth, keypoints, motion and generator."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from flax.core import freeze
from jaxtyping import Array, Float

from dagan_jax.geometry.guides import GUIDES
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import Motion
from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.models.dagan.dense_motion import DenseMotion
from dagan_jax.models.dagan.generator import (
  Blend,
  Encoding,
  Generator,
  Layer,
)
from dagan_jax.models.dagan.guide_detector import GuideDetector
from dagan_jax.models.dagan.keypoint_detector import KeypointDetector
from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.models.layers.blocks import standardise


class Face(NamedTuple):
  """What is found in one picture of a face."""

  image: Float[Array, 'b h w 3']
  disparity: Float[Array, 'b h w 1'] | None
  keypoints: Keypoints


class SourceFeatures(NamedTuple):
  """All that does not depend on the driving frame: made once for a video."""

  image: Float[Array, 'b h w 3']
  keypoints: Keypoints
  thumbnail: Float[Array, 'b _ _ 3']  # in which motion is found
  encoding: Encoding


class Rendering(NamedTuple):
  """The result, and how it came about."""

  prediction: Float[Array, 'b h w 3']
  motion: Motion
  deformed: Float[Array, 'b h w 3']  # the source, moved and nothing else
  layers: tuple[Layer, ...]  # of the generator, the deepest first
  blend: Blend | None = None  # what prediction is mixed of, if it is


class Reenactor(nn.Module):
  """The whole network, the same for training, evaluation and animation.

  Without a depth network it is FOMM. Depth is learnt in a stage of its own and
  frozen here: it never sees `train`, and no gradient enters it. With `guides`
  the first keypoints are points of lids and lips: motion passes through them.
  """

  depth: FaceDepth | None
  detector: KeypointDetector
  motion: DenseMotion
  generator: Generator
  standardised_depth: bool = False
  guides: GuideDetector | None = None

  def count_keypoints(self) -> int:
    """How many keypoints a face has."""
    return self.motion.guides + self.detector.keypoints

  def analyse(
    self, image: Float[Array, 'b h w 3'], *, train: bool = False
  ) -> Face:
    """Disparity and keypoints of pictures in [0, 1]."""
    disparity = None
    if self.depth is not None:
      disparity = jax.lax.stop_gradient(self.depth(image, train=False)[0])
    keypoints = self.detector(image, self._relief(disparity), train=train)
    if self.guides is not None:
      guides = self.find_guides(image, train=train)
      keypoints = jax.tree.map(
        lambda *both: jnp.concatenate(both, axis=1), guides, keypoints
      )
    return Face(image, disparity, keypoints)

  def find_guides(
    self, image: Float[Array, 'b h w 3'], *, train: bool = False
  ) -> Keypoints:
    """Points of lids and lips alone, of pictures in [0, 1]."""
    return self.guides(image, train=train)

  def encode_source(self, face: Face, *, train: bool = False) -> SourceFeatures:
    """What every driving frame will need of the source."""
    return SourceFeatures(
      image=face.image,
      keypoints=face.keypoints,
      thumbnail=self.shrink(face.image),
      encoding=self.generator.encode(
        face.image, self._relief(face.disparity), train=train
      ),
    )

  def shrink(self, image: Float[Array, 'b h w 3']) -> Float[Array, 'b _ _ 3']:
    """The thumbnail in which motion is found."""
    return downsample_antialiased(image, self.motion.size / image.shape[1])

  def _relief(self, disparity):
    """What detector and generator see of it.

    Disparities within a head hardly differ, so the steepest slope is at the
    picture's edge, where padding is zero. Standardised, the face stands out.
    """
    if disparity is None or not self.standardised_depth:
      return disparity
    return standardise(disparity)

  def render(
    self, source: SourceFeatures, driving: Keypoints, *, train: bool = False
  ) -> Rendering:
    """The source face with the driving keypoints."""
    motion = self.motion(
      source.thumbnail,
      source.keypoints,
      driving,
      finest=source.image.shape[1],
      train=train,
    )
    deformed = self.generator.deform(source.image, motion)
    drawing = self.generator.decode(
      source.encoding, motion, deformed, train=train
    )
    return Rendering(
      drawing.prediction, motion, deformed, drawing.layers, drawing.blend
    )

  def __call__(
    self,
    source: Float[Array, 'b h w 3'],
    driving: Float[Array, 'b h w 3'],
    *,
    train: bool = False,
  ) -> tuple[Face, Face, Rendering]:
    """Both faces, and the source rendered with the driving face's keypoints."""
    source_face = self.analyse(source, train=train)
    driving_face = self.analyse(driving, train=train)
    features = self.encode_source(source_face, train=train)
    rendering = self.render(features, driving_face.keypoints, train=train)
    return source_face, driving_face, rendering


def build_reenactor(model: Mapping[str, Any]) -> Reenactor:
  """The network that a config's `model` section describes.

  It has a hash, as fields that do not change have, so that it can be a static
  argument of compiled functions.
  """
  model = freeze(model)
  depth, motion = model['depth'], model['motion']
  guides = model.get('guides')  # configs of before there were any lack it
  guided = bool(guides and guides['width'])
  return Reenactor(
    depth=FaceDepth(**depth) if depth['layers'] else None,
    detector=KeypointDetector(**model['detector']),
    guides=GuideDetector(**guides, frame=motion['size']) if guided else None,
    motion=DenseMotion(**motion, guides=len(GUIDES) if guided else 0),
    generator=Generator(**model['generator']),
    standardised_depth=model['standardised_depth'],
  )
