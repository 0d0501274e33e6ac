import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.camera import disparity_to_depth
from dagan_jax.losses.convexity import head_outline, round_head
from dagan_jax.losses.true_depth import true_depth_distance

SIZE, RELIEF = 32, 0.08
HEAD = disparity_to_depth(round_head(SIZE, SIZE, RELIEF))[None]
INSIDE = head_outline(SIZE, SIZE)[None] > 0
TRUTH = jnp.where(INSIDE, HEAD, 3 * HEAD.max())  # before a wall


def distance(found, truth=TRUTH):
  return true_depth_distance(truth, found, RELIEF)


@pytest.mark.parametrize('scale', [0.01, 1, 40])
def test_the_truth_is_right_in_any_unit(scale):
  found = distance(TRUTH, scale * TRUTH)
  np.testing.assert_allclose(found, 0, atol=2e-5)


def test_depth_may_be_of_another_scale_but_does_not_run_away():
  near, far, farther = (distance(x * TRUTH) for x in (1.3, 3, 30))
  np.testing.assert_allclose(near, 0, atol=2e-5)
  assert 1e-2 < far < farther


def test_the_deeper_a_head_is_beyond_the_truth_the_more_it_costs():
  costs = [
    float(distance(jnp.where(INSIDE, TRUTH**power, TRUTH)))
    for power in (1, 1.2, 1.5, 2)
  ]
  assert costs == sorted(costs) and costs[1] > 0.01


def test_a_missing_nose_costs_more_than_the_same_mistake_spread_evenly():
  nose = jnp.zeros(TRUTH.shape).at[:, 14:18, 14:18].set(0.1)
  spread = jnp.mean(nose) * INSIDE / jnp.mean(INSIDE)
  # One half of the head is off to one side, the other to the other.
  spread = spread * jnp.where(jnp.arange(SIZE) < SIZE // 2, 1, -1)[:, None]
  missing, even = (
    distance(1 / (1 / TRUTH - change)) for change in (nose, spread)
  )
  assert missing > 2 * even


def test_how_far_the_wall_is_changes_nothing_of_the_person():
  person = TRUTH**1.3
  near, far = (jnp.where(INSIDE, person, x * TRUTH) for x in (0.4, 1.3))
  slopes = [jax.grad(distance)(x)[INSIDE] for x in (near, far)]
  np.testing.assert_allclose(*slopes, atol=1e-5)
  wall = jnp.where(INSIDE, TRUTH, 0.4 * TRUTH)
  assert 0 < distance(wall) < 0.5 * distance(jnp.where(INSIDE, person, TRUTH))


def test_a_wall_is_far_enough_wherever_it_is():
  for x in (0.6, 1.3, 4):
    wall = jnp.where(INSIDE, TRUTH, x * TRUTH)
    np.testing.assert_allclose(distance(wall), 0, atol=2e-5)
  at_the_head = jnp.where(INSIDE, TRUTH, TRUTH / 3)
  assert distance(at_the_head) > 0.1


@pytest.mark.parametrize('truth', [TRUTH, HEAD])
def test_gradients_are_finite_and_lead_to_the_truth(truth):
  found = jnp.full(TRUTH.shape, 0.5)
  slope = jax.grad(distance)(found, truth)
  assert jnp.isfinite(slope).all()
  better = found - 1e-4 * slope / (jnp.abs(slope).max() + 1e-9)
  assert distance(better, truth) <= distance(found, truth) + 1e-6


def test_gradients_are_finite_at_the_truth_and_before_a_wall_alone():
  flat = jnp.ones(TRUTH.shape)
  for truth, found in ((TRUTH, TRUTH), (flat, TRUTH), (flat, flat)):
    assert jnp.isfinite(jax.grad(distance)(found, truth)).all()
