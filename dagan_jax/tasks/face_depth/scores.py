"""How stage 1 does on held-out clips; how near the truth, where it is known."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.camera import (
  disparity_to_depth,
  inverse_rigid,
)
from dagan_jax.losses.convexity import round_head
from dagan_jax.metrics.depth import (
  depth_errors,
  ellipsoid,
  normal_error,
  plane,
  scaled,
  scaled_and_shifted,
)
from dagan_jax.metrics.head_motion import direction_error, rotation_error
from dagan_jax.metrics.ranking import auroc, rank_correlation
from dagan_jax.tasks.face_depth.explanation import Finding
from dagan_jax.tasks.task import Batch

Values = dict[str, Float[Array, 'b']]

# Pixels. The uncertainty is that of a pair of frames: what could move but does
# not, or less than a photograph shows, is explained by the head's motion.
LEAST_OWN_MOTION = 0.5

# What needs no network, by the beginning of its scores' names.
TRIVIAL = {
  'start_': 'its start',
  'plane_': 'a plane',
  'ellipsoid_': 'an ellipsoid',
  'still_': 'no motion',
}


def scores(finding: Finding, batch: Batch, relief: float) -> Values:
  """Scores of each example's first target, by name; every name means a mean.

  Always: `photometric`, what the moved source views leave unexplained, and
  `still_photometric`, what the unmoved ones do. For rendered faces the batch
  holds the truth, as `data_pipelines.reading.sources` describes it, and on the
  foreground there are the metrics of depth, of `scaled` depth and (`_shifted`)
  of `scaled_and_shifted` depth, the errors of head motion to the first source
  view, and how well uncertainty tells pixels that move on their own in this
  pair (and, `_can_move`, those that ever can) from others. `error_auroc` is
  that of the photometric error itself.

  Args:
    finding: what the networks found.
    batch: what they found it in, and the truth about it.
    relief: of the round head that learning starts from.
  """
  examples, targets = finding.frames.targets.shape[:2]
  explanation = finding.explanations[0]

  def first(x):
    """The first target of each example."""
    return x.reshape(examples, targets, *x.shape[1:])[:, 0]

  moved, still = (
    first(error).min(axis=1).mean(axis=(1, 2, 3))
    for error in (explanation.moved, explanation.still)
  )
  values = {'photometric': moved, 'still_photometric': still}
  if 'foreground' not in batch:
    return values
  values |= scores_of_depth(first(finding.disparities[0]), batch, relief)
  target, truth = _truth(batch)
  values |= _of_motion(
    batch['camera_from_head'], first(explanation.motion)[:, 0], target
  )
  focal = finding.camera.focal[:, 0].mean(axis=-1)
  true_focal = truth['intrinsics'][:, 0, 0]
  values['focal_ratio'] = focal / true_focal
  if finding.camera.uncertainty is not None:
    uncertainty = finding.camera.uncertainty[:, 0]
    moves, mask = truth['own_motion'] > LEAST_OWN_MOTION, truth['foreground']
    values['uncertainty_auroc'] = auroc(moves, uncertainty, mask)
    values['uncertainty_auroc_can_move'] = auroc(
      truth['nonrigid'], uncertainty, mask
    )
    error = first(explanation.moved)[:, 0]
    values['error_auroc'] = auroc(moves, error, mask)
  return values


def scores_of_depth(
  disparity: Float[Array, 'b h w 1'], batch: Batch, relief: float
) -> Values:
  """Those of `scores` that need no head motion, but the truth.

  Args:
    disparity: of the first targets.
    batch: with the truth about them.
    relief: of the round head that learning starts from.
  """
  _, truth = _truth(batch)
  depth, mask = disparity_to_depth(disparity), truth['foreground']
  start = round_head(*depth.shape[1:3], relief)
  answers = {
    '': depth,
    'start_': jnp.broadcast_to(disparity_to_depth(start), depth.shape),
    'plane_': plane(mask),
    'ellipsoid_': ellipsoid(mask, truth['intrinsics']),
  }
  return {
    name + key: x
    for name, answer in answers.items()
    for key, x in _of_depth(truth, answer).items()
  }


def _truth(batch: Batch) -> tuple[int, dict[str, Array]]:
  """Which frame is the first target, and what is true of it."""
  # Of two frames the first is the first target, of three the middle one.
  target = len(batch['frames'][0]) - 2
  names = 'depth', 'foreground', 'nonrigid', 'own_motion', 'intrinsics'
  return target, {name: jnp.asarray(batch[name])[:, target] for name in names}


def _of_depth(truth: dict[str, Array], depth: Float[Array, 'b h w 1']):
  true_depth, mask = truth['depth'], truth['foreground']
  aligned = scaled(true_depth, depth, mask)
  values = depth_errors(true_depth, aligned, mask)
  values['normals'] = normal_error(
    true_depth, aligned, mask, truth['intrinsics']
  )
  values['rank_correlation'] = rank_correlation(true_depth, depth, mask)
  shifted = scaled_and_shifted(true_depth, depth, mask)
  errors = depth_errors(true_depth, shifted, mask)
  errors['normals'] = normal_error(
    true_depth, shifted, mask, truth['intrinsics']
  )
  return values | {f'{name}_shifted': error for name, error in errors.items()}


def _of_motion(camera_from_head, found, target: int) -> Values:
  """Errors of the motion from the target to its first source view."""
  camera_from_head = jnp.asarray(camera_from_head)
  source = 1 if camera_from_head.shape[1] == 2 else 0
  with jax.default_matmul_precision('highest'):
    true = camera_from_head[:, source] @ inverse_rigid(
      camera_from_head[:, target]
    )
  turn, still = true[:, :3, :3], jnp.broadcast_to(jnp.eye(3), (len(true), 3, 3))
  return {
    'rotation_degrees': rotation_error(turn, found[:, :3, :3]),
    'still_rotation_degrees': rotation_error(turn, still),
    'direction_degrees': direction_error(true[:, :3, 3], found[:, :3, 3]),
  }
