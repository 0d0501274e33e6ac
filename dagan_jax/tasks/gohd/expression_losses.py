"""What an expression loses against the true one, by names of a config."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from ml_collections import ConfigDict

from dagan_jax.geometry.morphable_face import MorphableFace, eye_motion
from dagan_jax.losses.expression import (
  PIXELS,
  lip_gap,
  lower_face,
  mean_distance,
  mouth_shape,
)
from dagan_jax.tasks.gohd.faces import points

WEIGHTS = (
  'lower_face',
  'lip_gap',
  'shut_lips',
  'mouth_shape',
  'eyes',
  'coefficients',
)


def expression_losses(
  weights: ConfigDict,
  face: MorphableFace,
  truth: Float[Array, '*b 64'],
  found: Float[Array, '*b 64'],
  bilabial: Bool[Array, '*b'],
) -> dict[str, Float[Array, '']]:
  """Every loss of stage 1 whose weight is not 0 [GoHD, eq. 18 to 24].

  'shut_lips' is ours: 'lip_gap' of the frames of p, b and m alone. They are
  few, and of a mouth that may be shut or open the mean is neither.

  Args:
    weights: by name.
    face: whose landmarks are compared.
    truth: coefficients.
    found: likewise.
    bilabial: the frames of p, b and m.
  """
  seen, made = points(face, truth), points(face, found)
  losses = {}
  if weights.lower_face:
    losses['lower_face'] = lower_face(seen, made)
  if weights.lip_gap:
    losses['lip_gap'] = lip_gap(seen, made)
  if weights.shut_lips:
    only = bilabial[..., None, None]
    shut = lip_gap(jnp.where(only, seen, 0), jnp.where(only, made, 0))
    losses['shut_lips'] = shut
  if weights.mouth_shape:
    losses['mouth_shape'] = mouth_shape(seen, made, PIXELS * face.mean)
  if weights.eyes:
    losses['eyes'] = mean_distance(
      eye_motion(face, truth), eye_motion(face, found)
    )
  if weights.coefficients:
    losses['coefficients'] = mean_distance(truth, found)
  return losses
