import jax
import jax.numpy as jnp

from dagan_jax.losses.features import feature_distance, perceptual_distance

REAL = (jnp.ones((2, 4, 4, 3)), jnp.zeros((2, 2, 2, 5)))


def test_equal_features_have_no_distance():
  assert feature_distance(REAL, REAL) == 0


def test_every_layer_counts_the_same_however_large():
  fake = tuple(real + 0.5 for real in REAL)
  assert feature_distance(REAL, fake) == 1.0


def test_the_real_side_is_constant():
  fake = tuple(real + 0.5 for real in REAL)
  gradient = jax.grad(feature_distance)(REAL, fake)
  assert all(jnp.all(part == 0) for part in gradient)


def test_weights_of_pixels_count_at_the_size_of_each_layer():
  fake = (REAL[0].at[:, :2].add(0.5), REAL[1].at[:, :1].add(0.5))
  upper = jnp.ones((2, 8, 8, 1)).at[:, :4].set(3.0)
  plain = feature_distance(REAL, fake)
  assert feature_distance(REAL, fake, jnp.ones_like(upper)) == plain
  weighted = feature_distance(REAL, fake, upper)
  assert 2.5 * plain < weighted < 3 * plain  # less where weights are scaled


def test_a_perceptual_distance_is_summed_over_scales():
  pictures = jnp.zeros((1, 8, 8, 3)), jnp.full((1, 8, 8, 3), 0.5)
  seen = []

  def see(picture):
    seen.append(picture.shape[1])
    return (picture,)

  both = perceptual_distance(see, *pictures, (1.0, 0.5))
  assert jnp.isclose(both, 1.0, atol=0.05)  # half size fades at the border
  assert seen == [8, 8, 4, 4]
  left = jnp.zeros((1, 8, 8, 1)).at[:, :, :4].set(1.0)
  half = perceptual_distance(see, *pictures, (1.0,), left)
  assert jnp.isclose(half, 0.25)
