"""Head motion that a solver finds, for depth to learn from."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.alignment import align
from dagan_jax.geometry.camera import (
  disparity_to_depth,
  intrinsics,
  turn_and_shift,
)
from dagan_jax.losses.convexity import find_person, head_outline
from dagan_jax.models.face_depth.camera_motion import Camera
from dagan_jax.tasks.face_depth.explanation import Views, pivots


class Solution(NamedTuple):
  """The motions of all pairs, and how far they are to be trusted."""

  camera: Camera  # the network's but for the motions
  trust: Float[Array, 'b p']  # 1: the pictures agree, 0: they show other things


def solve(
  found: Views, disparity: Float[Array, 'n h w 1'], camera: Camera
) -> Solution:
  """Finds how the depth that is known so far has moved.

  It looks where a head is expected, and elsewhere as soon as the network has
  become certain that one is there, but never at a wall that the depth knows to
  lie far behind: that stands still. No gradient flows through it.

  Args:
    found: the frames, n = examples x targets of each.
    disparity: of the targets.
    camera: the network's.
  """
  b, n, v, h, w, _ = found.sources.shape
  shape, pairs = (b, n * v), b * n * v
  depth = jnp.repeat(disparity_to_depth(disparity), v, axis=0)
  weight = jnp.float32(head_outline(h, w) > 0)
  weight = jnp.broadcast_to(weight, (pairs, h, w, 1))
  if camera.uncertainty is not None:
    certain = 1 - camera.uncertainty.reshape(weight.shape)
    weight = jnp.where(weight > 0, certain, certain**4)
  weight = weight * find_person(depth)
  pivot = pivots(camera.pivot, depth)
  targets, sources = (x.reshape(pairs, h, w, 3) for x in found.pairs())
  solved = align(
    targets,
    sources,
    depth,
    weight,
    intrinsics(camera.focal, camera.centre).reshape(pairs, 3, 3),
    pivot,
  )
  axis_angle, shift = turn_and_shift(solved.motion, pivot)
  distance = pivot[:, 2:] / camera.pivot
  camera = camera._replace(
    axis_angle=axis_angle.reshape(*shape, 3),
    translation=jax.lax.stop_gradient(shift / distance).reshape(*shape, 3),
  )
  trust = jnp.maximum(1 - solved.residual, 0).reshape(shape)
  return Solution(camera, trust)
