import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.losses.parsing import parsing_distance

TRUTH = jax.random.normal(jax.random.key(0), (2, 3, 4, 19))


def test_who_finds_the_same_parts_and_is_sure_loses_nothing():
  np.testing.assert_allclose(parsing_distance(TRUTH, 1e4 * TRUTH), 0, atol=1e-3)
  assert parsing_distance(TRUTH, -1e4 * TRUTH) > 1e3


def test_who_finds_all_parts_alike_loses_the_logarithm_of_their_number():
  even = jnp.zeros_like(TRUTH)
  np.testing.assert_allclose(
    parsing_distance(TRUTH, even), np.log(19), rtol=1e-6
  )


def test_the_true_side_is_constant():
  truth, found = jax.grad(parsing_distance, argnums=(0, 1))(TRUTH, TRUTH)
  assert not jnp.any(truth) and jnp.any(found)
