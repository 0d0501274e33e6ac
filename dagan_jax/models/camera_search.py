"""Finding head motion in several looks at a pair of frames.

One look at two frames that are far apart tells the motion coarsely. So a source
is moved as far as is known and looked at again, with the same weights: what
remains is small, which is easier to see, and where it does not remain small
there is no rigid motion, which is what the uncertainty shall tell. DaGAN and
DaGAN++ look once.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.camera import (
  disparity_to_depth,
  intrinsics,
  rigid,
  synthesise_view,
)
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.models.camera_motion import Camera

Pairs = Float[Array, 'b p h w 3']


def find_camera(
  look: Callable[[Pairs, Pairs], Camera],
  target: Pairs,
  source: Pairs,
  disparity: Float[Array, 'n _ _ 1'],
  looks: int,
) -> Camera:
  """The camera between targets and sources, from so many looks.

  The parameters of the motions are added up, for each look corrects what those
  before have found. Lenses are of the first look, which sees the frames as they
  are; uncertainty is of the last, which sees what motion cannot explain.

  Args:
    look: the network.
    target: of each pair.
    source: of each pair.
    disparity: of the targets, as `move_sources` wants it. It is given, as are
      the sources that were moved by it: no gradient flows back through them.
    looks: at least 1.
  """
  camera = look(target, source)
  for _ in range(looks - 1):
    moved, _ = move_sources(source, disparity, camera)
    found = look(target, jax.lax.stop_gradient(moved))
    camera = camera._replace(
      axis_angle=camera.axis_angle + found.axis_angle,
      translation=camera.translation + found.translation,
      uncertainty=found.uncertainty,
    )
  return camera


def move_sources(
  source: Pairs, disparity: Float[Array, 'n _ _ 1'], camera: Camera
) -> tuple[Pairs, Float[Array, 'b p 4 4']]:
  """Sources as seen from where the targets were, and the motions there.

  Args:
    source: of each pair.
    disparity: of the targets, at any resolution; where n is less than b * p,
      as many pairs in a row as it takes share a target.
    camera: between all pairs.
  """
  b, p, h, w, _ = source.shape
  depth = disparity_to_depth(resize_bilinear(disparity, h, w))
  depth = jnp.repeat(depth, b * p // len(depth), axis=0)
  motion = _in_space(camera, depth)
  moved = synthesise_view(
    source.reshape(b * p, h, w, 3),
    depth,
    intrinsics(camera.focal, camera.centre).reshape(b * p, 3, 3),
    motion,
  )
  return moved.reshape(source.shape), motion.reshape(b, p, 4, 4)


def _in_space(
  camera: Camera, depth: Float[Array, 'p h w 1']
) -> Float[Array, 'p 4 4']:
  """The camera's motions in the unit and the coordinates of depths."""
  distance = 1 / jnp.mean(1 / depth, axis=(1, 2))
  ahead = jnp.array([0.0, 0.0, 1.0]) * distance
  return rigid(
    camera.axis_angle.reshape(-1, 3),
    camera.translation.reshape(-1, 3) * distance,
    ahead,
  )
