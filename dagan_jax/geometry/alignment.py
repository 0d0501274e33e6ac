"""The rigid motion that makes one picture of a surface into another.

A second-order fit: Levenberg and Marquardt's damped steps, each from the mean
of both pictures' slopes [Benhimane and Malis 2004], with Huber's weights, from
small pictures to larger ones. A turn hardly moves the pixels of a face more
than a shift does; what tells them apart are small differences all over it,
which slopes of first order, as in learning, cannot follow.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.camera import (
  back_project,
  rigid,
  view_flow,
)
from dagan_jax.geometry.contrast import even_contrast
from dagan_jax.geometry.warp import warp

_SIZES = (16, 32, 64)  # pixels of the pictures that are looked at, in turn
_STEPS = 6  # at each of them
# A turn in radians and a shift as a share of the distance that move the pixels
# of a head about equally far.
TURN, SHIFT = 0.1, 0.03
_DAMPING = 0.01  # of the first step, as a share of the curvature
_FLAT = 1e-6  # curvature where a picture shows nothing

Weights = Float[Array, 'p h w 1']


class Alignment(NamedTuple):
  """What is found in p pairs of pictures.

  Residuals are mean differences in units of the pictures' local contrast: 0
  where pictures agree, about 1 where they have nothing in common.
  """

  motion: Float[Array, 'p 4 4']  # takes points from the target to the source
  residual: Float[Array, 'p']  # of the source as this motion shows it
  still: Float[Array, 'p']  # of the source as it is


class _View(NamedTuple):
  """Pairs of pictures at one size."""

  target: Weights  # grey, of even contrast
  source: Weights
  depth: Weights
  weight: Weights
  camera: Float[Array, 'p 3 3']


def align(
  target: Float[Array, 'p h w c'],
  source: Float[Array, 'p h w c'],
  depth: Float[Array, 'p h w 1'],
  weight: Float[Array, 'p h w 1'],
  camera: Float[Array, 'p 3 3'],
  pivot: Float[Array, 'p 3'],
) -> Alignment:
  """Finds how a surface moved from the target to the source.

  It starts at rest, and stays there where pictures show nothing. No gradient
  flows through it.

  Args:
    target: pictures of the surface, in [0, 1].
    source: of the same surface after its motion.
    depth: of the target.
    weight: of the target's pixels, not negative: where the surface is.
    camera: of both.
    pivot: a point that the surface moves little around, before the camera. It
      bears on the way to the answer alone.
  """
  target, source, depth, weight, camera, pivot = jax.lax.stop_gradient(
    (target, source, depth, weight, camera, pivot)
  )
  still = jnp.broadcast_to(jnp.eye(4), (*pivot.shape[:1], 4, 4))
  motion = still
  for size in _SIZES:
    view = _see(target, source, depth, weight, camera, size)
    motion = _descend(view, motion, pivot)
  return Alignment(motion, _residual(view, motion), _residual(view, still))


def _see(target, source, depth, weight, camera, size: int) -> _View:
  """The pairs at another size."""

  def scale(x):
    shape = *x.shape[:1], size, size, *x.shape[3:]
    return jax.image.resize(x, shape, 'linear', precision='highest')

  def even(x):
    return even_contrast(scale(jnp.mean(x, axis=-1, keepdims=True)))

  height, width = target.shape[1:3]
  ratio = jnp.array([size / width, size / height, 1.0])[:, None]
  # Pixels are counted from the centre of the first one.
  middle = jnp.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
  camera = (camera + middle) * ratio - middle
  depth = 1 / scale(1 / depth)
  return _View(even(target), even(source), depth, scale(weight), camera)


def _descend(view: _View, motion, pivot):
  """The motion after some steps at one size."""
  paths = _paths(view, pivot)
  slopes = _slopes(view.target)
  moved, weight = _move(view, motion)
  # Differences beyond their mean at the start count less and less.
  bound = _mean(jnp.abs(moved - view.target), weight)[:, None, None, None]
  bound = bound + 1e-3

  def cost(moved, weight):
    off = jnp.abs(moved - view.target)
    huber = jnp.where(off < bound, off**2 / 2, bound * (off - bound / 2))
    return _mean(huber, weight)

  def step(_, state):
    motion, moved, weight, lowest, damping = state
    off = moved - view.target
    slope = (_slopes(moved) + slopes) / 2
    change = jnp.einsum('phwx,phwxi->phwi', slope, paths, precision='highest')
    trust = weight * jnp.minimum(1, bound / jnp.maximum(jnp.abs(off), 1e-9))
    total = jnp.sum(weight, axis=(1, 2)) + 1e-6
    weighted = change * trust / total[:, None, None]
    curvature = jnp.einsum(
      'phwi,phwj->pij', weighted, change, precision='highest'
    )
    gradient = jnp.einsum('phwi,phwc->pic', weighted, off, precision='highest')
    diagonal = jnp.diagonal(curvature, axis1=1, axis2=2) + _FLAT
    damped = curvature + (damping * diagonal)[:, None] * jnp.eye(6)
    tried = _compose(motion, -jnp.linalg.solve(damped, gradient)[..., 0], pivot)
    tried_moved, tried_weight = _move(view, tried)
    tried_cost = cost(tried_moved, tried_weight)
    better = tried_cost < lowest
    choose = lambda a, b: jnp.where(
      better.reshape(-1, *[1] * (a.ndim - 1)), a, b
    )
    return (
      choose(tried, motion),
      choose(tried_moved, moved),
      choose(tried_weight, weight),
      choose(tried_cost, lowest),
      damping * jnp.where(better, 1 / 3, 5)[:, None],
    )

  damping = jnp.full((len(pivot), 1), _DAMPING)
  state = motion, moved, weight, cost(moved, weight), damping
  return jax.lax.fori_loop(0, _STEPS, step, state)[0]


def _paths(view: _View, pivot) -> Float[Array, 'p h w 2 6']:
  """How each pixel goes, in pixels, with three turns and three shifts."""
  points = back_project(view.depth, view.camera)
  away = points - pivot[:, None, None]
  turns = [jnp.cross(axis, away) * TURN for axis in jnp.eye(3)]
  distance = pivot[:, None, None, 2:]
  shifts = [
    jnp.broadcast_to(axis * distance * SHIFT, away.shape) for axis in jnp.eye(3)
  ]
  moves = jnp.stack(turns + shifts, axis=-1)
  depth = view.depth[..., None]
  focal = jnp.stack([view.camera[:, 0, 0], view.camera[:, 1, 1]], axis=-1)
  ray = points[..., :2, None] / depth
  paths = (moves[..., :2, :] - ray * moves[..., 2:, :]) / depth
  return focal[:, None, None, :, None] * paths


def _compose(motion, step, pivot):
  """The motion that takes a step first."""
  shift = step[:, 3:] * SHIFT * pivot[:, 2:]
  first = rigid(step[:, :3] * TURN, shift, pivot)
  return jnp.matmul(motion, first, precision='highest')


def _move(view: _View, motion):
  """The source as the motion shows it, and weights of what it shows."""
  flow = view_flow(view.depth, view.camera, motion)
  # With room for half a pixel: rounding shall not decide about edges.
  inside = jnp.abs(flow) <= 1 + 1 / flow.shape[2]
  inside = jnp.all(inside, axis=-1, keepdims=True)
  moved = warp(view.source, flow, padding='border', align_corners=True)
  return moved, view.weight * inside


def _residual(view: _View, motion) -> Float[Array, 'p']:
  moved, weight = _move(view, motion)
  return _mean(jnp.abs(moved - view.target), weight)


def _slopes(x: Weights) -> Float[Array, 'p h w 2']:
  """A picture's change from pixel to pixel, in x and y."""
  down, right = jnp.gradient(x[..., 0], axis=(1, 2))
  return jnp.stack([right, down], axis=-1)


def _mean(values: Weights, weight: Weights) -> Float[Array, 'p']:
  total = jnp.sum(values * weight, axis=(1, 2, 3))
  return total / (jnp.sum(weight, axis=(1, 2, 3)) + 1e-6)
