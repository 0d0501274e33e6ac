"""Which frames explain which, and how well they do so."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Shaped

from dagan_jax.geometry.camera import (
  disparity_to_depth,
  intrinsics,
  rigid,
  synthesise_view,
)
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.losses.convexity import find_person, head_outline
from dagan_jax.losses.photometric import find_moving_pixels, photometric_error
from dagan_jax.models.face_depth.camera_motion import Camera

Errors = Float[Array, 'n v h w 1']


class Views(NamedTuple):
  """n targets of each example, each with v source views."""

  targets: Float[Array, 'b n h w 3']
  sources: Float[Array, 'b n v h w 3']

  def pairs(self) -> tuple[Array, Array]:
    """Each target beside each of its sources, twice 'b p h w 3'."""
    b, n, v, h, w, c = self.sources.shape
    targets = jnp.broadcast_to(self.targets[:, :, None], self.sources.shape)
    shape = b, n * v, h, w, c
    return targets.reshape(shape), self.sources.reshape(shape)


class Explanation(NamedTuple):
  """What v source views tell of each target; examples and targets are one axis.

  At one scale of the disparity, seen at full resolution.
  """

  views: Float[Array, 'n v h w 3']  # the sources as the depth moves them
  motion: Float[Array, 'n v 4 4']  # from the targets to the sources
  moved: Errors  # photometric errors of these
  still: Errors  # and of the sources as they are

  def mask(self, form: str) -> Bool[Array, 'n v h w 1']:
    """The auto-mask of a photometric form; dagan has one for all views."""
    moved, still = self.moved, self.still
    if form == 'dagan':
      moved, still = (x.min(1, keepdims=True) for x in (moved, still))
    return find_moving_pixels(moved, still)


class Finding(NamedTuple):
  """All that is found in neighbouring frames, and what explains them."""

  frames: Views
  disparities: tuple[Float[Array, 'n _ _ 1'], ...]  # of all targets, by scale
  camera: Camera
  explanations: tuple[Explanation, ...]  # by scale


def views(frames: Float[Array, 'b t h w 3']) -> Views:
  """Of 2 frames each has the other, of 3 the middle one both for a source."""
  targets = choose_targets(frames)
  if frames.shape[1] == 2:
    return Views(targets, frames[:, ::-1, None])
  return Views(targets, frames[:, None, ::2])


def choose_targets(
  frames: Shaped[Array, 'b t h w c'],
) -> Shaped[Array, 'b n h w c']:
  """Of 2 frames both, of 3 the middle one; of their depth likewise."""
  return frames if frames.shape[1] == 2 else frames[:, 1:2]


def explain(
  found: Views,
  disparity: Float[Array, 'n _ _ 1'],
  camera: Camera,
  ssim_share: float,
) -> Explanation:
  """Moves the sources to where disparity and camera say, and compares.

  Args:
    found: the frames, n = examples x targets of each.
    disparity: of the targets, at any resolution.
    camera: between all pairs.
    ssim_share: of the photometric error.
  """
  b, n, v, h, w, _ = found.sources.shape
  depth = disparity_to_depth(resize_bilinear(disparity, h, w))
  pairs = b * n * v
  depth = jnp.repeat(depth, v, axis=0)
  motion = _in_space(camera, depth)
  moved_views = synthesise_view(
    found.sources.reshape(pairs, h, w, 3),
    depth,
    intrinsics(camera.focal, camera.centre).reshape(pairs, 3, 3),
    motion,
  ).reshape(found.sources.shape)
  targets = jnp.broadcast_to(found.targets[:, :, None], found.sources.shape)
  moved = photometric_error(targets, moved_views, ssim_share)
  still = photometric_error(targets, found.sources, ssim_share)
  moved_views, moved, still = (
    x.reshape(b * n, v, h, w, -1) for x in (moved_views, moved, still)
  )
  return Explanation(moved_views, motion.reshape(b * n, v, 4, 4), moved, still)


def pivots(
  pivot: Float[Array, ''] | float, depth: Float[Array, 'p h w 1']
) -> Float[Array, 'p 3']:
  """The points that heads turn around, in the unit of depths.

  Args:
    pivot: how far away they are, in mean distances.
    depth: of the targets.
  """
  return jnp.array([0.0, 0.0, 1.0]) * pivot * _distances(depth)


def _in_space(
  camera: Camera, depth: Float[Array, 'p h w 1']
) -> Float[Array, 'p 4 4']:
  """The camera's motions in the unit and the coordinates of depths."""
  return rigid(
    camera.axis_angle.reshape(-1, 3),
    camera.translation.reshape(-1, 3) * _distances(depth),
    pivots(camera.pivot, depth),
  )


def _distances(depth: Float[Array, 'p h w 1']) -> Float[Array, 'p 1']:
  """How far heads are, in the mean; a wall behind them does not count."""
  head = find_person(depth) & (head_outline(*depth.shape[1:3]) > 0)
  nearness = jnp.sum(jnp.where(head, 1 / depth, 0), axis=(1, 2))
  return jnp.sum(head, axis=(1, 2)) / nearness
