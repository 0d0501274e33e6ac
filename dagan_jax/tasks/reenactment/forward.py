"""What the reenactor makes of a batch while it learns."""

from typing import NamedTuple

from ml_collections import ConfigDict

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.shapes import Images
from dagan_jax.geometry.thin_plate import (
  ThinPlate,
  transform_flow,
  transform_jacobians,
  transform_points,
)
from dagan_jax.geometry.warp import warp
from dagan_jax.models.dagan.reenactor import Face, Reenactor, Rendering


class Forward(NamedTuple):
  """All that the losses look at."""

  source: Face
  driving: Face
  rendering: Rendering | None  # None: nothing looks at it
  warped: Face | None  # the driving frame after a random thin-plate warp


# The losses that look at more than points of lids and lips.
LOSSES_OF_ALL = (
  'perceptual',
  'pixel',
  'deformed',
  'drawn',
  'landmark_flow',
  'eyes_and_mouth',
  'lids_and_lips',
  'generator_gan',
  'discriminator_gan',
  'feature_matching',
  'equivariance_value',
  'equivariance_jacobian',
  'keypoint_distance',
)


def learns_guides_alone(weights: ConfigDict) -> bool:
  """Whether `config.loss` weighs nothing but points of lids and lips."""
  return bool(weights.landmarks) and not any(weights[x] for x in LOSSES_OF_ALL)


def run_forward(
  reenactor: Reenactor,
  source: Images,
  driving: Images,
  plate: ThinPlate,
  *,
  train: bool,
) -> Forward:
  """One training pass; each picture meets the batch norms by itself.

  The order source, driving, warped is the published one: running statistics
  depend on it.
  """
  source_face, driving_face, rendering = reenactor(source, driving, train=train)
  flow = transform_flow(plate, *driving.shape[1:3])
  warped = warp(driving, flow, padding='reflection')
  warped_face = reenactor.analyse(warped, train=train)
  return Forward(source_face, driving_face, rendering, warped_face)


def run_guides(
  reenactor: Reenactor,
  source: Images,
  driving: Images,
  plate: ThinPlate,
  *,
  train: bool,
) -> Forward:
  """The part of `run_forward` that finds lids and lips, a tenth of its cost."""
  del plate
  source_face, driving_face = (
    Face(image, None, reenactor.find_guides(image, train=train))
    for image in (source, driving)
  )
  return Forward(source_face, driving_face, rendering=None, warped=None)


def unwarp(plate: ThinPlate, warped: Keypoints) -> Keypoints:
  """The warped frame's keypoints, taken back to where it looked."""
  return Keypoints(
    transform_points(plate, warped.value),
    transform_jacobians(plate, warped.value) @ warped.jacobian,
  )
