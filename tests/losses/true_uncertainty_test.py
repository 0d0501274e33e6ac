import jax
import jax.numpy as jnp

from dagan_jax.losses.true_uncertainty import true_uncertainty_surprise

TRUTH = jnp.float32(jax.random.bernoulli(jax.random.key(0), 0.5, (2, 8, 8, 1)))


def test_the_surer_the_right_answer_the_better():
  costs = [
    float(true_uncertainty_surprise(TRUTH, jnp.where(TRUTH > 0, p, 1 - p)))
    for p in (1.0, 0.9, 0.5, 0.1, 0.0)
  ]
  assert costs[0] == 0 and costs == sorted(costs)
  assert costs[-1] < 10


def test_who_knows_nothing_does_best_with_the_share():
  truth = jnp.float32(jnp.arange(100).reshape(1, 10, 10, 1) < 30)
  slope = jax.grad(lambda p: true_uncertainty_surprise(truth, p))
  guess = jnp.full(truth.shape, 0.3)
  assert abs(slope(guess).sum()) < 1e-4
  assert slope(guess + 0.1).sum() > 0 > slope(guess - 0.1).sum()


def test_what_is_half_certain_is_best_called_so():
  truth = jnp.full((1, 4, 4, 1), 0.25)
  costs = [
    float(true_uncertainty_surprise(truth, jnp.full(truth.shape, p)))
    for p in (0.25, 0.2, 0.1, 0.0)
  ]
  assert abs(costs[0]) < 1e-6 and costs == sorted(costs)


def test_gradients_are_finite_even_where_a_mistake_is_certain():
  for certain in (0.0, 1.0):
    slope = jax.grad(lambda u: true_uncertainty_surprise(TRUTH, u))(
      jnp.full(TRUTH.shape, certain)
    )
    assert jnp.isfinite(slope).all()
