"""What the reenactor makes of a batch while it learns."""

from typing import NamedTuple

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
  rendering: Rendering
  warped: Face  # the driving frame after a random thin-plate warp


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


def unwarp(plate: ThinPlate, warped: Keypoints) -> Keypoints:
  """The warped frame's keypoints, taken back to where it looked."""
  return Keypoints(
    transform_points(plate, warped.value),
    transform_jacobians(plate, warped.value) @ warped.jacobian,
  )
