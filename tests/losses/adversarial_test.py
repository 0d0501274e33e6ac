import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.losses.adversarial import (
  discriminator_gan,
  generator_gan,
  logistic_discriminator_gan,
  logistic_generator_gan,
)

ONE, ZERO = jnp.ones((2, 3, 3, 1)), jnp.zeros((2, 3, 3, 1))


def test_the_generator_wins_where_every_patch_passes_for_real():
  assert generator_gan(ONE) == 0
  assert generator_gan(ZERO) == 1


def test_the_discriminator_wins_where_it_tells_them_apart():
  assert discriminator_gan(real=ONE, fake=ZERO) == 0
  assert discriminator_gan(real=ZERO, fake=ONE) == 2


def test_of_logistic_scores_each_player_wants_the_opposite_without_end():
  large = 50 * ONE
  assert logistic_generator_gan(large) < 1e-6
  assert logistic_discriminator_gan(real=large, fake=-large) < 1e-6
  even = np.log(2)
  np.testing.assert_allclose(logistic_generator_gan(ZERO), even, rtol=1e-6)
  both = logistic_discriminator_gan(real=ZERO, fake=ZERO)
  np.testing.assert_allclose(both, 2 * even, rtol=1e-6)


def test_a_generator_that_is_found_out_still_learns():
  slope = jax.grad(logistic_generator_gan)(-50 * ONE)
  np.testing.assert_allclose(slope, -1 / ONE.size, rtol=1e-6)
