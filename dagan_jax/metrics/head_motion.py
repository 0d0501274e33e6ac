"""How far a rigid motion is from the true one, example by example."""

import jax.numpy as jnp
from jaxtyping import Array, Float

Rotations = Float[Array, 'b 3 3']
Vectors = Float[Array, 'b 3']
Values = Float[Array, 'b']


def rotation_error(truth: Rotations, prediction: Rotations) -> Values:
  """Angle in degrees of the rotation between two rotations, in [0, 180]."""
  # Tensor cores would round to 10 bits: some hundredths of a degree.
  between = jnp.einsum('bji,bjk->bik', truth, prediction, precision='highest')
  cosine = (jnp.trace(between, axis1=1, axis2=2) - 1) / 2
  # The antisymmetric part holds the axis times the sine. An arccos of the trace
  # alone would lose half of the digits near 0 and near 180.
  twist = (between - jnp.swapaxes(between, 1, 2)) / 2
  sine = jnp.sqrt(jnp.sum(twist**2, axis=(1, 2)) / 2)
  return jnp.degrees(jnp.arctan2(sine, cosine))


def direction_error(truth: Vectors, prediction: Vectors) -> Values:
  """Angle in degrees between two translations, in [0, 180].

  Their lengths nobody can know from one camera. A zero vector points nowhere:
  it scores 90, as a guess does on average.
  """
  lengths = [jnp.linalg.norm(v, axis=1) for v in (truth, prediction)]
  sine = jnp.linalg.norm(jnp.cross(truth, prediction), axis=1)
  angle = jnp.degrees(jnp.arctan2(sine, jnp.sum(truth * prediction, axis=1)))
  return jnp.where((lengths[0] > 0) & (lengths[1] > 0), angle, 90.0)
