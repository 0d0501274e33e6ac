"""What the original's networks were given, as our types."""

import jax.numpy as jnp

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.motion import Motion
from tests.reference import recorded


def recorded_keypoints(expected) -> list[Keypoints]:
  """The source's and the driving ones of a file of arrays."""
  return [
    Keypoints(expected[f'kp_{who}_value'], expected[f'kp_{who}_jacobian'])
    for who in ('source', 'driving')
  ]


def recorded_motion() -> Motion:
  """What the original's generators were given by its motion network."""
  file = recorded.arrays('dense_motion')
  masks = jnp.zeros((1, 64, 64, 16))
  return Motion(file['deformation'], file['occlusion_map'], masks)
