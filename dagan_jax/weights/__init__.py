"""Foreign weights to our variables; NumPy only, and no network is built."""

from dagan_jax.weights.names.face_depth import (
  face_depth,
  resnet,
)
from dagan_jax.weights.names.reenactment import (
  detector,
  discriminator,
  motion_and_generator,
)
from dagan_jax.weights.names.vgg import vgg

__all__ = [
  'detector',
  'discriminator',
  'face_depth',
  'motion_and_generator',
  'resnet',
  'vgg',
]
