import numpy as np
import pytest

from configs import base
from dagan_jax.tasks.optimizers import learning_rate, update_average


def rates(steps, at, **changes):
  config = base.get_config().optimizer
  config.update(changes)
  schedule = learning_rate(config, steps)
  return [float(schedule(step)) for step in at]


def test_without_a_schedule_the_rate_stays():
  assert np.ptp(rates(100, [0, 50, 99])) == 0


def test_steps_drop_the_rate_at_their_share_of_the_run():
  early, late = rates(90, [59, 61], decay='step')
  np.testing.assert_allclose(late, 0.1 * early)


def test_cosine_ends_at_zero():
  start, middle, end = rates(100, [0, 50, 100], decay='cosine')
  np.testing.assert_allclose([middle, end], [start / 2, 0], atol=1e-9)


@pytest.mark.parametrize('decay', ['none', 'step', 'cosine'])
def test_a_warm_up_rises_to_the_full_rate(decay):
  first, half, full = rates(100, [0, 5, 10], decay=decay, warmup_steps=10)
  assert first == 0
  np.testing.assert_allclose(half, full / 2)
  np.testing.assert_allclose(full, 2e-4)


def test_an_average_follows_at_once_first_and_slowly_later():
  early = update_average({'x': 0.0}, {'x': 1.0}, 0, 0.999)['x']
  late = update_average({'x': 0.0}, {'x': 1.0}, 100_000, 0.999)['x']
  np.testing.assert_allclose([early, late], [0.9, 0.001], rtol=1e-3)


def test_an_average_of_what_does_not_change_is_that():
  average = {'x': np.float32(0.0)}
  for step in range(30):
    average = update_average(average, {'x': np.float32(2.0)}, step, 0.9)
  np.testing.assert_allclose(average['x'], 2.0, rtol=1e-3)
