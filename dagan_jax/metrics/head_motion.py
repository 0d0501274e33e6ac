"""How far a rigid motion is from the true one, example by example."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.shapes import Values

Rotations = Float[Array, 'b 3 3']
Vectors = Float[Array, 'b 3']


def rotation_error(truth: Rotations, prediction: Rotations) -> Values:
  """Angle in degrees of the turn between two rotations, in [0, 180]."""
  # At a lower precision tensor cores round to 10 bits: hundredths of a degree.
  between = jnp.einsum('bji,bjk->bik', truth, prediction, precision='highest')
  cosine = (jnp.trace(between, axis1=1, axis2=2) - 1) / 2
  # The antisymmetric part is the axis times the sine. From the cosine alone an
  # angle near 0 or 180 would have half of the digits.
  twist = (between - jnp.swapaxes(between, 1, 2)) / 2
  sine = jnp.sqrt(jnp.sum(twist**2, axis=(1, 2)) / 2)
  return jnp.degrees(jnp.arctan2(sine, cosine))


def direction_error(truth: Vectors, prediction: Vectors) -> Values:
  """Angle in degrees between two translations, in [0, 180].

  Their lengths do not count: one camera cannot tell them. A zero vector has no
  direction and scores 90, as a guess does on average.
  """
  lengths = [jnp.linalg.norm(v, axis=1) for v in (truth, prediction)]
  sine = jnp.linalg.norm(jnp.cross(truth, prediction), axis=1)
  angle = jnp.degrees(jnp.arctan2(sine, jnp.sum(truth * prediction, axis=1)))
  return jnp.where((lengths[0] > 0) & (lengths[1] > 0), angle, 90.0)


def focal_ratio(truth: Values, prediction: Values) -> Values:
  """How many times as long as the true focal length it is; 1 is best."""
  return prediction / truth
