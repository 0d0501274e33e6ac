"""Moves a portrait as expressions, head poses and gazes say."""

from typing import NamedTuple

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from dagan_jax.models.gohd.animator_decoder import AnimatorDecoder
from dagan_jax.models.gohd.animator_encoders import (
  AppearanceEncoder,
  MotionEncoder,
)
from dagan_jax.models.gohd.equalised import EqualLinear, normal

WINDOW = 27  # frames of motion that are seen for one picture
_EPSILON = 1e-8


class Portrait(NamedTuple):
  """What is kept of a portrait for all its pictures."""

  identity: Float[Array, 'b z']
  maps: tuple[Float[Array, 'b _ _ _'], ...]


class FaceAnimator(nn.Module):
  """GoHD's animator, which walks through a latent space [section 3.3].

  A portrait's identity is a point of it, which stands for the frontal face with
  the mean expression; a motion is a way from there, a sum of orthonormal
  directions.

  Attributes:
    width: of the latent space.
    directions: how many there are.
    transformed_from: see `AnimatorDecoder`.
    mixes_features: see `AnimatorDecoder`.
  """

  width: int = 512
  directions: int = 20
  transformed_from: int = 64
  mixes_features: bool = True

  def setup(self):
    self.appearance = AppearanceEncoder(self.width)
    self.motion = MotionEncoder(self.width)
    features = (*[self.width] * 4, self.directions)
    self.magnitude = [EqualLinear(count) for count in features]
    shape = (self.width, self.directions)
    self.codebook = self.param('codebook', normal, shape)
    self.decoder = AnimatorDecoder(
      self.width, self.transformed_from, self.mixes_features
    )

  def __call__(
    self, portrait: Float[Array, 'b h w 3'], motion: Float[Array, 'b 27 m']
  ) -> tuple[Float[Array, 'b _ _ 3'], ...]:
    """Pictures in about [-1, 1], at 8 pixels, 16 and so on.

    Args:
      portrait: in [-1, 1]; height and width are the same power of two, in all
        published weights 256.
      motion: for the 27 frames around the one to draw: expression 64, angles 3
        in radians, translation 3, gaze 2.
    """
    known = self.look(portrait)
    return self.draw(known, self.walk(known.identity, motion))

  def look(self, portrait: Float[Array, 'b h w 3']) -> Portrait:
    """What is kept of a portrait."""
    return Portrait(*self.appearance(portrait))

  def walk(
    self, identity: Float[Array, 'b z'], motion: Float[Array, 'b 27 m']
  ) -> Float[Array, 'b z']:
    """The latent of a motion, from a portrait's identity on."""
    x = jnp.concatenate([identity, self.motion(motion)], axis=-1)
    for layer in self.magnitude:
      x = layer(x)
    directions, _ = jnp.linalg.qr(self.codebook + _EPSILON)
    return identity + x @ directions.T

  def draw(
    self, portrait: Portrait, latent: Float[Array, 'b z']
  ) -> tuple[Float[Array, 'b _ _ 3'], ...]:
    """Pictures of a latent."""
    return self.decoder(latent, portrait.maps)
