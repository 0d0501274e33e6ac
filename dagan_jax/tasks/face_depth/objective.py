"""What stage 1 lowers: every loss that has a weight."""

import jax.numpy as jnp
from jaxtyping import Array, Float
from ml_collections import ConfigDict

from dagan_jax.geometry.camera import disparity_to_depth
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.losses.convexity import (
  convex_start,
  head_outline,
  relief_drift,
)
from dagan_jax.losses.head_motion import head_motion_distance
from dagan_jax.losses.photometric import (
  least_error,
  smoothness,
  uncertain_error,
  unmasked_uncertainty,
)
from dagan_jax.losses.true_depth import true_depth_distance
from dagan_jax.losses.true_uncertainty import true_uncertainty_surprise
from dagan_jax.tasks.face_depth.explanation import Finding, choose_targets
from dagan_jax.tasks.face_depth.solving import Solution
from dagan_jax.tasks.face_depth.truth import (
  Truth,
  describe_true_motions,
  find_truly_uncertain,
)


def find_losses(
  finding: Finding,
  solution: Solution | None,
  truth: Truth,
  weights: ConfigDict,
  relief: float,
  given: Float[Array, 'n h w 1'] | None = None,
) -> dict[str, Float[Array, '']]:
  """Every loss whose weight is not 0, as means over the scales.

  Args:
    finding: what the networks find, and what it explains.
    solution: what the solver finds, if there is one.
    truth: about all frames, as far as losses ask for it.
    weights: `config.loss`.
    relief: of the round head that learning starts from.
    given: disparity of the targets by given depth, where a loss asks for it.
  """
  camera, targets = finding.camera, finding.frames.targets
  targets = targets.reshape(-1, *targets.shape[2:])
  losses = {}
  if weights.photometric:
    losses['photometric'] = _photometric(finding, weights)
  if weights.unmasked_uncertainty and camera.uncertainty is not None:
    losses['unmasked_uncertainty'] = _of_uncertainty(
      unmasked_uncertainty, finding, weights
    )
  for order, name in enumerate(('smoothness', 'curvature'), 1):
    if weights[name]:
      losses[name] = [
        smoothness(x, resize_bilinear(targets, *x.shape[1:3]), order) / 2**scale
        for scale, x in enumerate(finding.disparities)
      ]
  if weights.convex_start:
    losses['convex_start'] = [
      convex_start(x, relief) for x in finding.disparities
    ]
  if weights.relief:
    disparity = finding.disparities[0]
    losses['relief'] = [relief_drift(disparity, _find_heads(finding), relief)]
  if weights.true_depth:
    depth = choose_targets(truth.depth).reshape(*targets.shape[:3], 1)
    losses['true_depth'] = _of_depth(finding, depth, relief)
  if weights.given_depth:
    depth = disparity_to_depth(given)
    losses['given_depth'] = _of_depth(finding, depth, relief)
  motions = camera.axis_angle, camera.translation
  if weights.true_motion:
    true = describe_true_motions(truth, camera.pivot)
    trust = jnp.ones(camera.axis_angle.shape[:2])
    losses['true_motion'] = [head_motion_distance(true, motions, trust)]
  if weights.true_uncertainty:
    uncertain = find_truly_uncertain(truth)
    shape = *uncertain.shape[:2], -1, *uncertain.shape[2:]
    losses['true_uncertainty'] = [
      true_uncertainty_surprise(
        uncertain[:, :, None], camera.uncertainty.reshape(shape)
      )
    ]
  if weights.head_motion and solution is not None:
    true = solution.camera.axis_angle, solution.camera.translation
    losses['head_motion'] = [
      head_motion_distance(true, motions, solution.trust)
    ]
  return {name: sum(terms) / len(terms) for name, terms in losses.items()}


def _of_depth(finding, depth, relief):
  """How far each scale is from a depth of the targets."""
  return [
    true_depth_distance(
      depth,
      disparity_to_depth(resize_bilinear(x, *depth.shape[1:3])),
      relief,
    )
    for x in finding.disparities
  ]


def _find_heads(finding: Finding) -> Float[Array, 'n h w 1']:
  """Where heads are: where uncertainty is low, or where they usually are."""
  disparity, uncertainty = finding.disparities[0], finding.camera.uncertainty
  if uncertainty is None:
    outline = jnp.float32(head_outline(*disparity.shape[1:3]) > 0)
    return jnp.broadcast_to(outline, disparity.shape)
  certain = 1 - uncertainty.reshape(len(disparity), -1, *disparity.shape[1:])
  return jnp.mean(certain, axis=1)


def _photometric(finding, weights):
  if weights.photometric_form == 'dagan':
    return [
      least_error(found.moved, found.still) for found in finding.explanations
    ]
  return _of_uncertainty(uncertain_error, finding, weights)


def _of_uncertainty(loss, finding, weights):
  """A loss of the uncertainty, at each scale of the depth."""
  return [
    loss(
      found.moved,
      found.still,
      finding.camera.uncertainty.reshape(found.moved.shape),
      weights.least_uncertainty,
    )
    for found in finding.explanations
  ]
