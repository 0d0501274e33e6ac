"""A pinhole camera, rigid motion, and one view seen as from another.

Camera coordinates: x right, y down, z ahead. Pixels are (x, y) with the centre
of the first pixel at (0, 0).
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.warp import warp

NEAREST, FARTHEST = 0.1, 100.0  # depths of disparity 1 and 0
_IN_FRONT = 1e-3  # points nearer than this, or behind, are seen from here


def disparity_to_depth(
  disparity: Float[Array, '*b h w 1'],
) -> Float[Array, '*b h w 1']:
  """Depth from 0.1 (disparity 1) to 100 (disparity 0) [Monodepth2].

  Its unit is whatever the unit of translations is.
  """
  low, high = 1 / FARTHEST, 1 / NEAREST
  return 1 / (low + (high - low) * disparity)


def rotation(axis_angle: Float[Array, '*b 3']) -> Float[Array, '*b 3 3']:
  """The matrix that turns by the vector's length, in radians, around it.

  Rodrigues' formula in sin(a) / a and (1 - cos(a)) / a^2, so that value and
  gradient are right at zero as well.
  """
  square = jnp.sum(axis_angle**2, axis=-1)[..., None, None]
  small = square < 1e-6
  safe = jnp.where(small, 1.0, square)
  angle = jnp.sqrt(safe)
  sine = jnp.where(small, 1 - square / 6, jnp.sin(angle) / angle)
  cosine = jnp.where(small, 0.5 - square / 24, (1 - jnp.cos(angle)) / safe)
  x, y, z = jnp.moveaxis(axis_angle, -1, 0)
  zero = jnp.zeros_like(x)
  cross = jnp.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1)
  cross = cross.reshape(*x.shape, 3, 3)
  square = jnp.matmul(cross, cross, precision='highest')
  return jnp.eye(3) + sine * cross + cosine * square


def axis_angle(turn: Float[Array, '*b 3 3']) -> Float[Array, '*b 3']:
  """The vector that `rotation` makes a turn of less than half a circle from."""
  twist = (turn - jnp.swapaxes(turn, -1, -2)) / 2
  twist = jnp.stack([twist[..., 2, 1], twist[..., 0, 2], twist[..., 1, 0]], -1)
  cosine = (jnp.trace(turn, axis1=-2, axis2=-1)[..., None] - 1) / 2
  square = jnp.sum(twist**2, axis=-1, keepdims=True)
  small = square < 1e-10
  sine = jnp.sqrt(jnp.where(small, 1.0, square))
  return twist * jnp.where(small, 1.0, jnp.arctan2(sine, cosine) / sine)


def rigid(
  axis_angle: Float[Array, '*b 3'],
  translation: Float[Array, '*b 3'],
  pivot: Float[Array, '*b 3'] | None = None,
) -> Float[Array, '*b 4 4']:
  """The motion that turns, around the pivot or else the origin, then shifts."""
  turn = rotation(axis_angle)
  if pivot is not None:
    moved = jnp.einsum('...ij,...j->...i', turn, pivot, precision='highest')
    translation = translation + pivot - moved
  upper = jnp.concatenate([turn, translation[..., None]], axis=-1)
  last = jnp.broadcast_to(
    jnp.array([0.0, 0.0, 0.0, 1.0]), (*upper.shape[:-2], 1, 4)
  )
  return jnp.concatenate([upper, last], axis=-2)


def turn_and_shift(
  motion: Float[Array, '*b 4 4'], pivot: Float[Array, '*b 3']
) -> tuple[Float[Array, '*b 3'], Float[Array, '*b 3']]:
  """The axis and angle, and the translation, that `rigid` makes a motion of."""
  turn = motion[..., :3, :3]
  moved = jnp.einsum('...ij,...j->...i', turn, pivot, precision='highest')
  return axis_angle(turn), motion[..., :3, 3] + moved - pivot


def inverse_rigid(motion: Float[Array, '*b 4 4']) -> Float[Array, '*b 4 4']:
  """The motion that goes back."""
  back = jnp.swapaxes(motion[..., :3, :3], -1, -2)
  shift = -jnp.matmul(back, motion[..., :3, 3:], precision='highest')
  upper = jnp.concatenate([back, shift], axis=-1)
  return jnp.concatenate([upper, motion[..., 3:, :]], axis=-2)


def intrinsics(
  focal: Float[Array, '*b 2'], centre: Float[Array, '*b 2']
) -> Float[Array, '*b 3 3']:
  """The camera's matrix from focal lengths and principal point, in pixels."""
  zero, one = jnp.zeros_like(focal[..., 0]), jnp.ones_like(focal[..., 0])
  rows = [focal[..., 0], zero, centre[..., 0]]
  rows += [zero, focal[..., 1], centre[..., 1]]
  rows += [zero, zero, one]
  return jnp.stack(rows, axis=-1).reshape(*one.shape, 3, 3)


def back_project(
  depth: Float[Array, 'b h w 1'], camera: Float[Array, 'b 3 3']
) -> Float[Array, 'b h w 3']:
  """The point in space that each pixel shows."""
  height, width = depth.shape[1:3]
  x, y = jnp.meshgrid(jnp.arange(width), jnp.arange(height))
  focal, centre = _focal_and_centre(camera)
  place = (jnp.stack([x, y], axis=-1) - centre) / focal
  rays = jnp.concatenate([place, jnp.ones_like(place[..., :1])], axis=-1)
  return rays * depth


def project(
  points: Float[Array, 'b h w 3'], camera: Float[Array, 'b 3 3']
) -> Float[Array, 'b h w 2']:
  """Where the camera sees points, in pixels.

  Points behind the camera are taken for points just before it, so that no
  motion, however wrong, divides by zero.
  """
  focal, centre = _focal_and_centre(camera)
  distance = jnp.maximum(points[..., 2:], _IN_FRONT)
  return points[..., :2] / distance * focal + centre


def view_flow(
  depth: Float[Array, 'b h w 1'],
  camera: Float[Array, 'b 3 3'],
  motion: Float[Array, 'b 4 4'],
) -> Float[Array, 'b h w 2']:
  """Where each pixel of a view is to be found in another, in [-1, 1].

  Args:
    depth: of the view.
    camera: of both views.
    motion: takes points from the view's coordinates to the other's.
  """
  points = back_project(depth, camera)
  # Places need all their digits: tensor cores would round them to ten bits.
  moved = jnp.einsum(
    'bij,bhwj->bhwi', motion[:, :3, :3], points, precision='highest'
  )
  moved = moved + motion[:, None, None, :3, 3]
  size = jnp.array([depth.shape[2] - 1, depth.shape[1] - 1])
  return project(moved, camera) / size * 2 - 1


def synthesise_view(
  other: Float[Array, 'b h w c'],
  depth: Float[Array, 'b h w 1'],
  camera: Float[Array, 'b 3 3'],
  motion: Float[Array, 'b 4 4'],
  *,
  align_corners: bool = True,
) -> Float[Array, 'b h w c']:
  """A view put together from pixels of another one [Zhou et al. 2017, eq. 2].

  What lies outside the other picture continues its border. The published code
  has align_corners False, with which a picture shifts by up to half a pixel
  even without any motion; we sample where the formula says.
  """
  flow = view_flow(depth, camera, motion)
  return warp(other, flow, padding='border', align_corners=align_corners)


def _focal_and_centre(camera):
  focal = jnp.stack([camera[:, 0, 0], camera[:, 1, 1]], axis=-1)
  return focal[:, None, None], camera[:, None, None, :2, 2]
