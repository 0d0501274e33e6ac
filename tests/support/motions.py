"""Motions of random faces, without a network."""

from fractions import Fraction

import jax
import numpy as np

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.driving_motion import DrivingMotion

RATE = 25


def make_motion(value: np.ndarray, seed: int = 0) -> DrivingMotion:
  """A motion with these points 'n k 2', and Jacobians that change."""
  turns = np.random.default_rng(seed).normal(size=(*value.shape, 2))
  keypoints = Keypoints(np.float32(value), np.float32(turns))
  return DrivingMotion(keypoints, Fraction(RATE), 'some network')


def draw_faces(count: int) -> np.ndarray:
  """Points of random faces, 'n 10 2'."""
  return np.random.default_rng(1).uniform(-0.5, 0.5, (count, 10, 2))


def take_frame(motion: DrivingMotion, index: int) -> Keypoints:
  """The keypoints of one frame."""
  return jax.tree.map(lambda x: x[index], motion.keypoints)
