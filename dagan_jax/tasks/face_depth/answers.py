"""What stage 1 finds on held-out clips, beside the truth where it is known."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from dagan_jax.geometry.camera import disparity_to_depth
from dagan_jax.losses.convexity import round_head
from dagan_jax.metrics.depth import (
  ellipsoid,
  plane,
  scale_and_shift_to_truth,
  scale_to_truth,
)
from dagan_jax.tasks.face_depth.explanation import Explanation, Finding
from dagan_jax.tasks.face_depth.truth import (
  LEAST_OWN_MOTION,
  find_true_motions,
)
from dagan_jax.tasks.task import Answers, Batch

# What stands beside the networks, by the beginning of its scores' names.
TRIVIAL = {
  'solver_': 'the solver',
  'start_': 'its start',
  'plane_': 'a plane',
  'ellipsoid_': 'an ellipsoid',
  'still_': 'no motion',
}


def compare(
  finding: Finding, solved: Explanation | None, batch: Batch, relief: float
) -> Answers:
  """What was found of each example's first target, and what needs no network.

  For all data: the photometric errors of the source views as the networks move
  them, as 'solver_' those as the solver does, and as 'still_' those of the
  unmoved ones. For rendered faces the batch holds the truth, as
  `data_pipelines.reading.sources` describes it; then depth, head motion, focal
  length, error and uncertainty are there as well, and the answers of TRIVIAL.

  Args:
    finding: what the networks found.
    solved: what their depth explains with the solver's motions; None: there
      is no solver.
    batch: what they found it in, and the truth about it.
    relief: of the round head that learning starts from.
  """
  examples, targets = finding.frames.targets.shape[:2]
  explanation = finding.explanations[0]

  def first(x):
    """The first target of each example."""
    return x.reshape(examples, targets, *x.shape[1:])[:, 0]

  answer = {'view_errors': first(explanation.moved)}
  still = {'view_errors': first(explanation.still)}
  others = {'still_': still}
  if solved is not None:
    others['solver_'] = {'view_errors': first(solved.moved)}
  if 'foreground' not in batch:
    return Answers({}, {'': answer, **others})
  truth, answers = compare_depth(first(finding.disparities[0]), batch, relief)
  motion = find_true_motions(jnp.asarray(batch['camera_from_head']))[:, 0]
  turn = motion[:, :3, :3]
  truth |= {
    'true_turn': turn,
    'true_shift': motion[:, :3, 3],
    'true_focal': truth['intrinsics'][:, 0, 0],
  }
  answer['focal'] = finding.camera.focal[:, 0].mean(axis=-1)
  for each, views in ((answer, explanation), (others.get('solver_'), solved)):
    if views is not None:
      found = first(views.motion)[:, 0]
      each |= {'turn': found[:, :3, :3], 'shift': found[:, :3, 3]}
  still['turn'] = jnp.broadcast_to(jnp.eye(3), turn.shape)
  if finding.camera.uncertainty is not None:
    answer['uncertainty'] = finding.camera.uncertainty[:, 0]
    answer['error'] = answer['view_errors'][:, 0]
  answers[''] |= answer
  return Answers(truth, {**answers, **others})


def compare_depth(
  disparity: Float[Array, 'b h w 1'], batch: Batch, relief: float
) -> Answers:
  """What `compare` gives that needs no head motion, but the truth.

  Args:
    disparity: of the first targets.
    batch: with the truth about them.
    relief: of the round head that learning starts from.
  """
  target = _target(batch['frames'][0])
  names = 'depth', 'foreground', 'nonrigid', 'own_motion', 'intrinsics'
  true = {name: jnp.asarray(batch[name])[:, target] for name in names}
  mask, intrinsics = true['foreground'], true['intrinsics']
  truth = {
    'true_depth': true['depth'],
    'foreground': mask,
    'intrinsics': intrinsics,
    'nonrigid': true['nonrigid'],
    'moves': true['own_motion'] > LEAST_OWN_MOTION,
  }
  depth = disparity_to_depth(disparity)
  start = disparity_to_depth(round_head(*depth.shape[1:3], relief))
  depths = {
    '': depth,
    'start_': jnp.broadcast_to(start, depth.shape),
    'plane_': plane(mask),
    'ellipsoid_': ellipsoid(mask, intrinsics),
  }
  answers = {
    name: {
      'depth': depth,
      'scaled_depth': scale_to_truth(true['depth'], depth, mask),
      'shifted_depth': scale_and_shift_to_truth(true['depth'], depth, mask),
    }
    for name, depth in depths.items()
  }
  return Answers(truth, answers)


def _target(frames) -> int:
  """Of two frames the first is the first target, of three the middle one."""
  return len(frames) - 2
