"""A few steps make what all of them should: the variance of the data."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.gohd.denoiser import Denoiser
from dagan_jax.models.gohd.diffusion import BETAS, STEPS, kept_shares
from dagan_jax.models.gohd.solver import LAST, MOMENTS, choose_moments, solve

# Variances of independent Gaussians: of a smooth sequence's parts, the slow
# ones are large and the fast ones small.
VARIANCES = np.float32([0.003, 0.01, 0.1, 1, 10, 100])
ENOUGH = 240  # steps after which nothing of them is left


def spread(steps: int) -> np.ndarray:
  """The share of each variance that the best guesses of the noise lead to."""
  kept = jnp.float32(kept_shares(steps))
  shape = 1, 4000, len(VARIANCES)

  def predict(x, step):
    hidden = 1 - kept[step]
    return hidden**0.5 * x / (kept[step] * VARIANCES + hidden)

  def noise(step):
    return jax.random.normal(jax.random.key(step), shape)

  found = jax.jit(lambda: solve(predict, noise(1000), noise, steps))()
  return np.var(found, axis=(0, 1)) / VARIANCES


def test_a_few_steps_leave_the_variance_right():
  found = spread(ENOUGH)
  np.testing.assert_allclose(found[2:], 1, atol=0.15)
  assert 0.6 < found[0] < found[1] < 1.15  # hardly above the noise that is left


def test_who_starts_before_all_is_noise_loses_what_is_slow():
  found = spread(STEPS)
  assert found[-1] < 0.65  # the published steps, in a unit that is too small
  np.testing.assert_allclose(found[2:-1], 1, atol=0.15)


def test_trembling_that_is_overlooked_is_hidden_and_taken_away():
  """By a network that finds nine tenths of what is not there."""
  still = jnp.zeros((1, 500, 1))
  kept = jnp.float32(kept_shares(ENOUGH))

  def noise(step):
    return jax.random.normal(jax.random.key(step), still.shape)

  def predict(x, step):
    return 0.9 * x / (1 - kept[step]) ** 0.5

  drawn = jax.jit(lambda: solve(predict, noise(1000), noise, ENOUGH))()
  assert drawn.std() < 0.01


def test_a_sequence_whose_noise_is_known_comes_out_of_it():
  sequence = jnp.linspace(-1, 1, 12).reshape(1, 6, 2)
  kept = jnp.float32(kept_shares(ENOUGH))

  def know(x, step):
    return (x - kept[step] ** 0.5 * sequence) / (1 - kept[step]) ** 0.5

  start = 3.0 * jnp.ones_like(sequence)
  found = solve(know, start, lambda _: start, ENOUGH)
  np.testing.assert_allclose(found, sequence, atol=1e-4)


@pytest.mark.parametrize('steps', [STEPS, ENOUGH])
def test_moments_go_from_all_the_noise_to_hardly_any(steps):
  moments = choose_moments(steps)
  assert (moments[0], moments[-1]) == (steps - 1, LAST)
  assert (np.diff(moments) < 0).all()
  assert MOMENTS - 3 <= len(moments) <= MOMENTS


def test_more_steps_begin_with_the_published_ones():
  np.testing.assert_array_equal(kept_shares(), np.cumprod(1 - BETAS))
  np.testing.assert_allclose(kept_shares(ENOUGH)[:STEPS], kept_shares())
  assert kept_shares()[-1] > 0.02 and kept_shares(ENOUGH)[-1] < 1e-4
  assert Denoiser().steps == STEPS
