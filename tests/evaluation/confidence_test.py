import numpy as np
import pytest

from dagan_jax.evaluation.confidence import (
  bootstrap_difference,
  bootstrap_mean,
)

LOT = np.random.default_rng(7)


def test_the_interval_is_that_of_the_standard_error():
  values = LOT.normal(3, 2, size=400)
  mean = bootstrap_mean(values, seed=0)
  error = 1.96 * values.std() / 20
  assert mean.value == values.mean()
  assert mean.low == pytest.approx(mean.value - error, abs=0.2 * error)
  assert mean.high == pytest.approx(mean.value + error, abs=0.2 * error)


def test_examples_of_which_nothing_is_said_change_nothing():
  values = np.array([1.0, 2.0, 4.0])
  lost = np.array([1.0, np.nan, 2.0, 4.0, np.nan])
  assert bootstrap_mean(lost, 0) == bootstrap_mean(values, 0)
  assert bootstrap_mean(values, 0).examples == 3


@pytest.mark.parametrize('values', [[2.0], [2.0, 2.0], [1.0, 3.0]])
def test_fewer_than_three_examples_know_no_spread(values):
  value, low, high, examples = bootstrap_mean(np.array(values), 0)
  assert (value, examples) == (2, len(values))
  assert np.isnan([low, high]).all()


def test_of_no_example_nothing_is_said():
  value, low, high, examples = bootstrap_mean(np.array([np.nan]), 0)
  assert examples == 0 and np.isnan([value, low, high]).all()


def test_the_seed_alone_decides_the_lot():
  values = LOT.normal(size=9)
  assert bootstrap_mean(values, 1) == bootstrap_mean(values, 1)
  assert bootstrap_mean(values, 1) != bootstrap_mean(values, 2)


def test_pairs_see_what_spread_hides():
  hard = LOT.normal(0, 10, size=40)
  ours, theirs = hard + LOT.normal(0.5, 0.5, size=40), hard
  found = bootstrap_difference(ours, theirs, seed=0)
  assert found.mean.value == pytest.approx((ours - theirs).mean())
  assert found.mean.low > 0 and found.p < 0.01
  assert bootstrap_mean(ours, 0).low < bootstrap_mean(theirs, 0).high


def test_a_difference_has_the_opposite_sign_the_other_way_round():
  ours, theirs = LOT.normal(size=(2, 12))
  forth, back = (
    bootstrap_difference(*pair, seed=0)
    for pair in ((ours, theirs), (theirs, ours))
  )
  assert forth.p == pytest.approx(back.p)
  np.testing.assert_allclose(
    [forth.mean.value, forth.mean.low, forth.mean.high],
    [-back.mean.value, -back.mean.high, -back.mean.low],
  )


def test_equal_methods_differ_by_chance_alone():
  values = LOT.normal(size=20)
  assert bootstrap_difference(values, values, seed=0).p == 1
  of_noise = [
    bootstrap_difference(*LOT.normal(size=(2, 30)), seed=s).p for s in range(20)
  ]
  assert np.mean(np.array(of_noise) < 0.05) <= 0.2
