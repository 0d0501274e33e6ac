"""What is true about rendered faces, for losses that ask for it."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.camera import inverse_rigid, turn_and_shift
from dagan_jax.losses.convexity import find_person
from dagan_jax.losses.head_motion import Motions
from dagan_jax.tasks.face_depth.explanation import choose_targets, pivots
from dagan_jax.tasks.task import Batch

# What each of these losses must be told.
TRUE_LOSSES = {
  'true_depth': ('depth',),
  'true_motion': ('depth', 'camera_from_head'),
  'true_uncertainty': ('depth', 'own_motion', 'nonrigid'),
}

# Pixels. The uncertainty is that of a pair of frames: what could move but does
# not, or less than a photograph shows, is explained by the head's motion.
LEAST_OWN_MOTION = 0.5

_COULD = 0.25  # how uncertain what could move is where it does not


class Truth(NamedTuple):
  """About the t frames of b examples; None: no loss asks."""

  depth: Float[Array, 'b t h w 1'] | None = None
  nonrigid: Bool[Array, 'b t h w 1'] | None = None
  # Pixels, from each frame to the one before, from the first to the next.
  own_motion: Float[Array, 'b t h w 1'] | None = None
  camera_from_head: Float[Array, 'b t 4 4'] | None = None


def read_truth(
  batch: Batch, weights: ConfigDict, mirrored: Bool[Array, 'b']
) -> Truth:
  """What the losses ask for, of frames some of which were mirrored.

  Raises:
    UsageError: the data do not tell it.
  """
  known = {}
  for loss, names in TRUE_LOSSES.items():
    if not weights[loss]:
      continue
    for name in names:
      if name not in batch:
        raise UsageError(
          f'loss.{loss} needs {name}, which these data do not tell: take data'
          ' source synthetic, or build the data set of rendered faces anew'
        )
      known[name] = _mirror(name, jnp.asarray(batch[name]), mirrored)
  return Truth(**known)


def find_true_motions(
  camera_from_head: Float[Array, 'b t 4 4'],
) -> Float[Array, 'b p 4 4']:
  """From each target to each of its sources, in the order of `Views.pairs`."""
  two = camera_from_head.shape[1] == 2
  targets = camera_from_head if two else camera_from_head[:, 1:2]
  sources = camera_from_head[:, :: -1 if two else 2]
  return jnp.matmul(sources, inverse_rigid(targets), precision='highest')


def describe_true_motions(truth: Truth, pivot: float) -> Motions:
  """The same as `Camera` tells motions.

  Args:
    truth: with depth and poses.
    pivot: of the camera.
  """
  motions = find_true_motions(truth.camera_from_head)
  depth = choose_targets(truth.depth)
  b, pairs = motions.shape[:2]
  depth = jnp.repeat(depth, pairs // depth.shape[1], axis=1)
  places = pivots(pivot, depth.reshape(b * pairs, *depth.shape[2:]))
  turn, shift = turn_and_shift(motions.reshape(-1, 4, 4), places)
  shift = shift * pivot / places[:, 2:]
  return turn.reshape(b, pairs, 3), shift.reshape(b, pairs, 3)


def find_truly_uncertain(truth: Truth) -> Float[Array, 'b n h w 1']:
  """Of both targets: 1 where they move on their own, and beside the person.

  What could move but does not is a little uncertain, the rest of the head not.
  """
  depth, nonrigid = (choose_targets(x) for x in (truth.depth, truth.nonrigid))
  person = find_person(depth.reshape(-1, *depth.shape[2:]))
  moves = choose_targets(truth.own_motion) > LEAST_OWN_MOTION
  certainly = moves | ~person.reshape(depth.shape)
  return jnp.where(certainly, 1.0, _COULD * nonrigid)


def _mirror(name, values, mirrored):
  if name == 'camera_from_head':
    signs = jnp.array([-1.0, 1, 1, 1])
    other = values * signs[:, None] * signs
  else:
    other = values[..., ::-1, :]
  shape = (-1, *[1] * (values.ndim - 1))
  return jnp.where(mirrored.reshape(shape), other, values)
