"""A face as a sum of shapes: coefficients to mesh, landmarks and eye motion.

A morphable model [Blanz and Vetter 1999]: a mean face, how people differ from
it, and how faces move, each times its coefficient. Lengths are decimetres, x
to the image's right, y up, z towards the camera; the mean of all vertices is
the origin. Every function can be differentiated.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

# The camera of Deep3DFaceRecon, on pictures of 224 pixels.
FOCAL = 1015.0  # pixels
MIDDLE = 112.0  # pixels, of x and y
DISTANCE = 10.0  # decimetres from the camera to the origin

# Of 68 landmarks: the upper and the lower lid's edges, and the brows.
_UPPER_LIDS, _LOWER_LIDS = (
  np.array([37, 38, 43, 44]),
  np.array([41, 40, 47, 46]),
)
_BROWS = slice(17, 27)
# And the inner edges of the lips, but for the corners.
_UPPER_LIP, _LOWER_LIP = np.array([61, 62, 63]), np.array([67, 66, 65])


class MorphableFace(NamedTuple):
  """A family of faces; coefficients count standard deviations, or shares."""

  mean: Float[Array, 'v 3']  # neutral
  identity: Float[Array, 'i v 3']
  expression: Float[Array, 'e v 3']
  landmarks: Int[Array, '68']  # vertices, in iBUG's order


def build_mesh(
  face: MorphableFace,
  expression: Float[Array, '*b e'],
  identity: Float[Array, '*b i'] | None = None,
) -> Float[Array, '*b v 3']:
  """The vertices of faces that look ahead; without an identity: the mean's."""
  mesh = face.mean + _blend(expression, face.expression)
  return mesh if identity is None else mesh + _blend(identity, face.identity)


def find_landmarks(
  face: MorphableFace,
  expression: Float[Array, '*b e'],
  identity: Float[Array, '*b i'] | None = None,
  pose: Float[Array, '*b 6'] | None = None,
) -> Float[Array, '*b 68 3']:
  """The landmarks of the mesh, at a small part of its cost.

  Args:
    face: the family.
    expression: coefficients.
    identity: coefficients; None: all are 0.
    pose: see `move_head`; None: at rest.
  """
  few = face._replace(
    mean=face.mean[face.landmarks],
    identity=face.identity[:, face.landmarks],
    expression=face.expression[:, face.landmarks],
  )
  points = build_mesh(few, expression, identity)
  return points if pose is None else move_head(points, pose)


def move_head(
  points: Float[Array, '*b n 3'], pose: Float[Array, '*b 6']
) -> Float[Array, '*b n 3']:
  """Points turned by three angles about x, y and z in this order, and shifted.

  Args:
    points: at rest.
    pose: angles in radians, then the shift.
  """
  turn = head_rotation(pose[..., :3])
  turned = jnp.einsum('...ij,...nj->...ni', turn, points, precision='highest')
  return turned + pose[..., None, 3:]


def head_rotation(angles: Float[Array, '*b 3']) -> Float[Array, '*b 3 3']:
  """The matrix R_z R_y R_x of angles about x, y and z, in radians."""
  (a, b, c), (u, v, w) = (
    jnp.moveaxis(f(angles), -1, 0) for f in (jnp.cos, jnp.sin)
  )
  rows = [
    [b * c, u * v * c - a * w, a * v * c + u * w],
    [b * w, u * v * w + a * c, a * v * w - u * c],
    [-v, u * b, a * b],
  ]
  return jnp.stack([jnp.stack(row, axis=-1) for row in rows], axis=-2)


def project(points: Float[Array, '*b n 3']) -> Float[Array, '*b n 2']:
  """Where the camera sees points, pixels of a picture of 224; y counts up."""
  depth = DISTANCE - points[..., 2:]
  return FOCAL * points[..., :2] / depth + MIDDLE


def eye_motion(
  face: MorphableFace, expression: Float[Array, '*b e']
) -> Float[Array, '*b 21']:
  """What eyes and brows do [GoHD, section 3.2].

  First the eyes' height, as a share of that of the neutral face; then how far
  ten landmarks of the brows are from there, (x, y) one after another, pixels.
  Of the mean identity, which looks ahead.
  """
  neutral = jnp.zeros_like(expression)
  here, there = (
    project(find_landmarks(face, some)) for some in (expression, neutral)
  )
  height, usual = (
    jnp.mean(x[..., _UPPER_LIDS, 1] - x[..., _LOWER_LIDS, 1], -1, keepdims=True)
    for x in (here, there)
  )
  brows = (here - there)[..., _BROWS, :]
  flat = brows.reshape(*brows.shape[:-2], -1)
  return jnp.concatenate([height / usual, flat], axis=-1)


def landmarks_alone(
  mean: Float[Array, '68 3'], expression: Float[Array, 'e 68 3']
) -> MorphableFace:
  """A face of nothing but its landmarks, and of one identity."""
  nobody = jnp.zeros((0, *mean.shape))
  return MorphableFace(mean, nobody, expression, np.arange(len(mean)))


def lip_opening(landmarks: Float[Array, '*b 68 3']) -> Float[Array, '*b']:
  """How far the lips' inner edges are apart, in the landmarks' unit.

  The mean height of three gaps; of a face that looks ahead.
  """
  upper, lower = (landmarks[..., lip, 1] for lip in (_UPPER_LIP, _LOWER_LIP))
  return jnp.mean(upper - lower, axis=-1)


def _blend(weights, shapes):
  return jnp.einsum('...k,kvi->...vi', weights, shapes, precision='highest')
