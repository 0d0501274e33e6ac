import jax.numpy as jnp

from dagan_jax.losses.adversarial import discriminator_gan, generator_gan

ONE, ZERO = jnp.ones((2, 3, 3, 1)), jnp.zeros((2, 3, 3, 1))


def test_the_generator_wins_where_every_patch_passes_for_real():
  assert generator_gan(ONE) == 0
  assert generator_gan(ZERO) == 1


def test_the_discriminator_wins_where_it_tells_them_apart():
  assert discriminator_gan(real=ONE, fake=ZERO) == 0
  assert discriminator_gan(real=ZERO, fake=ONE) == 2
