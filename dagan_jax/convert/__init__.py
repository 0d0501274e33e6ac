"""Foreign weights to our variables; NumPy only, and no network is built."""

from dagan_jax.convert.face_depth import face_depth, resnet
from dagan_jax.convert.reenactment import (
  detector,
  discriminator,
  motion_and_generator,
)
from dagan_jax.convert.vgg import vgg

__all__ = [
  'detector',
  'discriminator',
  'face_depth',
  'motion_and_generator',
  'resnet',
  'vgg',
]
