import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.tasks.face_depth.objective import find_losses
from dagan_jax.tasks.face_depth.truth import (
  Truth,
  find_truly_uncertain,
  read_truth,
)
from tests.support import tiny
from tests.support.true_findings import perfect


def weights_of(**weights: float):
  """Those of no loss but these."""
  every = tiny.config_of_stage_1().loss
  for name in every:
    if not isinstance(every[name], str):
      every[name] = weights.get(name, 0.0)
  return every


@pytest.fixture(scope='module')
def taught():
  """The loss of some disparities of a rendered head, and the true ones."""
  batch, finding = perfect(face=1, size=tiny.SIZE, apart=4)
  weights = weights_of(true_depth=1.0)
  (disparity,) = finding.disparities
  # Metres are another unit than the one that heads are a fifth away in.
  disparity = 0.5 * disparity / jnp.mean(disparity[batch['foreground'][0]])
  truth = Truth(jnp.asarray(batch['depth']))

  def cost(*disparities):
    found = finding._replace(disparities=disparities)
    losses = find_losses(found, None, truth, weights, 0.1)
    assert losses.keys() == {'true_depth'}
    return losses['true_depth']

  return cost, disparity


def test_a_network_that_finds_the_truth_up_to_scale_has_nothing_to_learn(
  taught,
):
  cost, disparity = taught
  # The farthest depth, 100, is a hundredth of inverse depth: it does not scale.
  for scale in (0.7, 1, 1.4):
    np.testing.assert_allclose(cost(scale * disparity), 0, atol=0.03)
  assert cost(0.5 * disparity) > 1
  assert cost(jnp.full_like(disparity, 0.5)) > 0.3


def test_every_scale_of_the_network_is_taught(taught):
  cost, disparity = taught
  flat = jnp.full((2, 8, 8, 1), 0.5)
  both = cost(disparity, flat)
  np.testing.assert_allclose(2 * both, cost(disparity) + cost(flat), rtol=1e-5)
  assert (jax.grad(lambda x: cost(disparity, x))(flat) != 0).any()


def test_depth_may_be_held_to_a_given_one_without_any_truth():
  _, finding = perfect(face=1, size=tiny.SIZE, apart=4)
  weights = weights_of(given_depth=1.0)
  (disparity,) = finding.disparities
  disparity = 0.5 * disparity / jnp.median(disparity)

  def cost(found, given):
    found = finding._replace(disparities=(found,))
    losses = find_losses(found, None, Truth(), weights, 0.1, given)
    assert losses.keys() == {'given_depth'}
    return losses['given_depth']

  flat = jnp.full_like(disparity, 0.5)
  np.testing.assert_allclose(cost(disparity, disparity), 0, atol=1e-4)
  assert cost(flat, disparity) > 0.3
  assert (jax.grad(cost)(flat, disparity) != 0).any()
  assert (jax.grad(cost, 1)(flat, disparity) == 0).all()


def test_true_motions_and_true_uncertainty_are_learnt_as_they_are():
  batch, finding = perfect(face=1, size=tiny.SIZE, apart=4)
  weights = weights_of(true_motion=1.0, true_uncertainty=1.0)
  truth = read_truth(batch, weights, jnp.array([False]))
  uncertain = find_truly_uncertain(truth)
  camera = finding.camera._replace(uncertainty=uncertain)

  def losses(camera):
    found = finding._replace(camera=camera)
    return find_losses(found, None, truth, weights, 0.1)

  for value in losses(camera).values():
    np.testing.assert_allclose(value, 0, atol=1e-3)
  still = camera._replace(
    axis_angle=0 * camera.axis_angle, uncertainty=1 - camera.uncertainty
  )
  assert all(value > 0.1 for value in losses(still).values())
