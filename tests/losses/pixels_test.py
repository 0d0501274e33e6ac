import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.losses.pixels import pixel_distance, weighted_distance

REAL, FAKE = (
  jax.random.uniform(jax.random.key(i), (2, 16, 16, 3)) for i in (0, 1)
)
SCALES = (1.0, 0.5)


def test_equal_pictures_have_no_distance():
  np.testing.assert_allclose(pixel_distance(REAL, REAL, SCALES), 0, atol=1e-6)


def test_pixels_without_weight_do_not_count():
  where = jnp.zeros((2, 16, 16, 1)).at[:, :, :8].set(1.0)
  other = FAKE.at[:, :, 10:].set(0.0)  # SSIM sees one pixel further
  np.testing.assert_allclose(
    pixel_distance(REAL, FAKE, (1.0,), where),
    pixel_distance(REAL, other, (1.0,), where),
    rtol=1e-6,
  )


def test_even_weights_are_as_none():
  where = jnp.full((2, 16, 16, 1), 0.3)
  np.testing.assert_allclose(
    pixel_distance(REAL, FAKE, (1.0,), where),
    pixel_distance(REAL, FAKE, (1.0,)),
    rtol=1e-4,
  )


def test_scales_are_averaged():
  alone = [pixel_distance(REAL, FAKE, (scale,)) for scale in SCALES]
  np.testing.assert_allclose(
    pixel_distance(REAL, FAKE, SCALES), sum(alone) / 2, rtol=1e-6
  )


def test_only_the_fake_side_learns():
  where = jnp.ones((2, 16, 16, 1))
  real, fake, weight = jax.grad(pixel_distance, argnums=(0, 1, 3))(
    REAL, FAKE, SCALES, where
  )
  assert not jnp.any(real) and not jnp.any(weight)
  assert jnp.any(fake)


def test_a_pixel_of_twice_the_weight_counts_as_two():
  weight = jnp.ones((2, 16, 16, 1))
  even = weighted_distance(REAL, FAKE, (1.0,), weight)
  np.testing.assert_allclose(even, jnp.mean(jnp.abs(REAL - FAKE)), rtol=1e-5)
  more = weighted_distance(REAL, FAKE, (1.0,), weight.at[:, :8].set(2.0))
  upper = jnp.mean(jnp.abs(REAL - FAKE)[:, :8]) / 2
  np.testing.assert_allclose(more, even + upper, rtol=1e-5)


def test_of_weighted_pixels_only_the_fake_side_learns():
  real, fake, weight = jax.grad(weighted_distance, argnums=(0, 1, 3))(
    REAL, FAKE, SCALES, jnp.ones((2, 16, 16, 1))
  )
  assert not jnp.any(real) and not jnp.any(weight)
  assert jnp.any(fake)
