"""The face whose coefficients a task learns: a frozen network of landmarks.

It is given (see `training.starts`) and saved beside what is learnt, for
coefficients mean nothing without it.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from dagan_jax.geometry.morphable_face import (
  MorphableFace,
  eye_motion,
  find_landmarks,
  landmarks_alone,
  lip_opening,
  project,
)
from dagan_jax.losses.expression import PIXELS
from dagan_jax.models.gohd.expression import EXPRESSION
from dagan_jax.tasks.task import Batch, Variables

_MILLIMETRES = 100.0  # of a decimetre, the face models' unit
_MOUTH = slice(48, 68)
EYES = np.r_[17:27, 36:48]  # landmarks of brows and lids


def fresh_face() -> Variables:
  """Zeros of the shapes that must be given."""
  return {
    'params': {
      'mean': jnp.zeros((68, 3)),
      'expression': jnp.zeros((EXPRESSION, 68, 3)),
    }
  }


def face_of(variables: dict[str, Variables]) -> MorphableFace:
  """The face among a task's variables, of landmarks alone."""
  return landmarks_alone(**variables['face']['params'])


def points(
  face: MorphableFace, expression: Float[Array, '*b 64']
) -> Float[Array, '*b 68 3']:
  """The landmarks in pixels, as the losses compare them."""
  return PIXELS * find_landmarks(face, expression)


def describe(
  face: MorphableFace, expression: Float[Array, 'b t e']
) -> dict[str, Any]:
  """What metrics ask of a sequence of expressions, by their names for it."""
  landmarks = find_landmarks(face, expression)
  opened = lip_opening(landmarks) - lip_opening(face.mean)
  eyes = project(landmarks)[..., EYES, :]
  return {
    'opening': _MILLIMETRES * opened,
    'mouth': _MILLIMETRES * landmarks[..., _MOUTH, :],
    'eyes': eyes.reshape(*eyes.shape[:-2], -1),
  }


def describe_truth(face: MorphableFace, batch: Batch) -> dict[str, Any]:
  """The same of what somebody really does, and when they speak."""
  true = describe(face, jnp.asarray(batch['expression']))
  times = {name: jnp.asarray(batch[name]) for name in ('speaking', 'bilabial')}
  return {f'true_{name}': array for name, array in true.items()} | times


def still_answer(
  face: MorphableFace, expression: Float[Array, 'b t 64']
) -> dict[str, Any]:
  """What a face shows that stays as in the first frame."""
  first = jnp.broadcast_to(expression[:, :1], expression.shape)
  return describe(face, first)


class Shown(NamedTuple):
  """What pictures show of expressions, the true ones and those that were made.

  Of lips and lids two numbers a frame: the truth's, then what was made.
  """

  lips: Float[Array, 'b t 2']  # millimetres, from how they are at rest
  lids: Float[Array, 'b t 2']  # eyes' height, as a share of that at rest
  true_face: Float[Array, 'b 68 2']  # pixels of 224, y up, where it opens most
  face: Float[Array, 'b 68 2']  # at the same moment


def show(
  face: MorphableFace,
  truth: Float[Array, 'b t 64'],
  made: Float[Array, 'b t 64'],
) -> Shown:
  """What pictures show of expressions."""
  sides = [find_landmarks(face, x) for x in (truth, made)]
  rest = lip_opening(face.mean)
  lips = [_MILLIMETRES * (lip_opening(x) - rest) for x in sides]
  lids = [eye_motion(face, x)[..., 0] for x in (truth, made)]
  widest = jnp.argmax(lips[0], axis=1)[:, None, None, None]
  faces = [project(jnp.take_along_axis(x, widest, axis=1)[:, 0]) for x in sides]
  return Shown(jnp.stack(lips, -1), jnp.stack(lids, -1), *faces)
