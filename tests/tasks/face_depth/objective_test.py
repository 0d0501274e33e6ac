import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.tasks.face_depth.objective import find_losses
from tests.support import tiny
from tests.support.true_findings import perfect


@pytest.fixture(scope='module')
def taught():
  """The loss of some disparities of a rendered head, and the true ones."""
  batch, finding = perfect(face=1, size=tiny.SIZE, apart=4)
  weights = tiny.config_of_stage_1().loss
  with weights.unlocked():
    weights.update({name: 0.0 for name in weights if name[-4:] != 'form'})
  weights.true_depth = 1.0
  (disparity,) = finding.disparities

  def cost(*disparities):
    found = finding._replace(disparities=disparities)
    losses = find_losses(found, None, jnp.asarray(batch['depth']), weights, 0.1)
    assert losses.keys() == {'true_depth'}
    return losses['true_depth']

  return cost, disparity


def test_a_network_that_finds_the_truth_up_to_scale_has_nothing_to_learn(
  taught,
):
  cost, disparity = taught
  # The farthest depth, 100, is a hundredth of inverse depth: it does not scale.
  np.testing.assert_allclose(cost(disparity), 0, atol=1e-3)
  np.testing.assert_allclose(cost(0.5 * disparity), 0, atol=0.03)
  assert cost(jnp.full_like(disparity, 0.5)) > 0.3


def test_every_scale_of_the_network_is_taught(taught):
  cost, disparity = taught
  flat = jnp.full((2, 8, 8, 1), 0.5)
  both = cost(disparity, flat)
  np.testing.assert_allclose(2 * both, cost(disparity) + cost(flat), rtol=1e-5)
  assert (jax.grad(lambda x: cost(disparity, x))(flat) != 0).any()
