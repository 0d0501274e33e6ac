"""Teaching depth by the truth, which rendered people have and videos lack."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.camera import FARTHEST, NEAREST
from dagan_jax.geometry.shapes import Depths
from dagan_jax.losses.convexity import find_person

_AROUND = 0.1  # what a pixel around the person counts for
# Of a person's mean nearness: farther is wall, wherever it is.
_WALL = 0.7
_LONGEST = 1 / 16  # of the picture's width: over which slopes are compared

# A person's mean nearness where disparity is a half, and the factor by which it
# may be missed: beyond it sigmoids saturate, and no wall can be far enough.
_USUAL = (1 / NEAREST + 1 / FARTHEST) / 2
_FREE = 1.5


def true_depth_distance(
  truth: Depths, found: Depths, relief: float
) -> Float[Array, '']:
  """How far depth and its slopes are from the truth; 0 where they agree.

  Nearness (the inverse of depth) is compared in units of its mean over the
  person, for one camera cannot tell the scale of what it sees; but the person
  stays where disparity has room on either side. Slopes are what
  makes a nose: by its depth alone it is a small mistake. They are compared over
  1, 2, 4, ... pixels, each length counts alike, and within the person only.
  What lies around it, which hardly shows how far it is, counts little, and no
  more where it is found as far as a wall and is one.

  Args:
    truth: true depths, in any unit.
    found: depths that the network finds, as `disparity_to_depth` gives them.
    relief: of a round head: the unit of the distance.
  """
  truth = jax.lax.stop_gradient(truth)
  person = find_person(truth)
  unit = _mean_nearness(found, person)
  true = 1 / truth / _mean_nearness(truth, person)
  difference = 1 / found / unit - true
  # The wall does not say how large the person is.
  around = 1 / found / jax.lax.stop_gradient(unit)
  around = jnp.maximum(around, _WALL) - jnp.maximum(true, _WALL)
  distance = _mean(jnp.abs(difference), person)
  distance += _AROUND * _mean(jnp.abs(around), ~person)
  missed = jnp.abs(jnp.log(unit / _USUAL)) - jnp.log(_FREE)
  distance += jnp.mean(jnp.maximum(missed, 0))
  longest = max(int(_LONGEST * truth.shape[2]), 1)
  for step in [2**n for n in range(longest.bit_length())]:
    for axis in (1, 2):
      slopes = _ahead(difference, step, axis) - _behind(difference, step, axis)
      both = _ahead(person, step, axis) & _behind(person, step, axis)
      distance += longest / step * _mean(jnp.abs(slopes), both) / 2
  return distance / relief


def _mean_nearness(depth, person):
  count = jnp.sum(person, axis=(1, 2), keepdims=True)
  total = jnp.sum(jnp.where(person, 1 / depth, 0), axis=(1, 2), keepdims=True)
  return total / count


def _ahead(x, step, axis):
  return jax.lax.slice_in_dim(x, step, None, axis=axis)


def _behind(x, step, axis):
  return jax.lax.slice_in_dim(x, 0, -step, axis=axis)


def _mean(values, mask):
  """Over the mask; 0 where it is empty."""
  return jnp.sum(jnp.where(mask, values, 0)) / (jnp.sum(mask) + 1e-6)
