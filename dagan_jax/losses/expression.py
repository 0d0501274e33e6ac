"""How far the face of an expression is from the true one [GoHD, appendix B].

Points are the 68 landmarks of a face that looks ahead, in pixels: lengths of
the face model times `PIXELS`. Sequences may have any axes in front.
"""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.morphable_face import DISTANCE, FOCAL
from dagan_jax.geometry.sequences import temporal_ssim

PIXELS = FOCAL / DISTANCE  # of a decimetre, where the head is

_MOUTH = np.arange(48, 68)
_LOWER_FACE = np.r_[np.arange(3, 14), _MOUTH]  # the jaw's edge, and the mouth
_UPPER_LIP, _LOWER_LIP = slice(60, 64), slice(64, 68)  # as the paper pairs them
_LEAST_SHAPE = 1.0  # squared pixels; less of a mouth's shape means nothing

Points = Float[Array, '*b 68 3']


def lower_face(truth: Points, found: Points) -> Float[Array, '']:
  """Mean squared distance of the landmarks of jaw and mouth [eq. 19]."""
  apart = (truth - found)[..., _LOWER_FACE, :]
  return jnp.mean(jnp.sum(apart**2, axis=-1))


def lip_gap(truth: Points, found: Points) -> Float[Array, '']:
  """Squared difference of the ways from one lip to the other [eq. 21].

  What shuts lips: of a mouth that is nearly shut, the other losses are small.
  """
  truth, found = (
    x[..., _UPPER_LIP, :] - x[..., _LOWER_LIP, :] for x in (truth, found)
  )
  return jnp.mean(jnp.sum((truth - found) ** 2, axis=(-1, -2)))


def mouth_shape(
  truth: Points, found: Points, rest: Float[Array, '68 3']
) -> Float[Array, '']:
  """1 less the cosine between the shapes of two mouths, as ways from `rest`.

  It stands where the paper compares how a lip reader sees them [eq. 22], whose
  weights nobody may pass on: like that, it does not care how much the mouth
  moves, but which sound it makes. Between mouths at rest it is 0.
  """
  truth, found = ((x - rest)[..., _MOUTH, :] for x in (truth, found))
  axes = (-1, -2)
  product = jnp.sum(truth * found, axis=axes)
  # The least is inside of the roots: their slope at 0 would be infinite.
  lengths = [
    jnp.sqrt(jnp.sum(x**2, axis=axes) + _LEAST_SHAPE) for x in (truth, found)
  ]
  return jnp.mean(1 - (product + _LEAST_SHAPE) / (lengths[0] * lengths[1]))


def mean_distance(
  truth: Float[Array, '*b n'], found: Float[Array, '*b n']
) -> Float[Array, '']:
  """Mean absolute difference, of coefficients or of eye motion [eq. 20, 23]."""
  return jnp.mean(jnp.abs(truth - found))


def sequence_unlikeness(
  truth: Float[Array, '*b t n'], found: Float[Array, '*b t n']
) -> Float[Array, '']:
  """1 less the mean SSIM over time [eq. 26]."""
  return 1 - jnp.mean(temporal_ssim(truth, found))
