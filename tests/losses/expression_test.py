import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.losses import expression as losses

RANDOM = np.random.default_rng(0)
REST = jnp.asarray(RANDOM.standard_normal((68, 3)), jnp.float32)
FACES = REST + jnp.asarray(RANDOM.standard_normal((2, 5, 68, 3)), jnp.float32)
OF_POINTS = {
  'lower_face': losses.lower_face,
  'lip_gap': losses.lip_gap,
  'mouth_shape': lambda a, b: losses.mouth_shape(a, b, REST),
}


@pytest.mark.parametrize('name', OF_POINTS)
def test_faces_that_are_alike_lose_nothing(name):
  np.testing.assert_allclose(OF_POINTS[name](FACES, FACES), 0, atol=1e-5)
  assert OF_POINTS[name](FACES, FACES[::-1]) > 0.1


@pytest.mark.parametrize('name', OF_POINTS)
def test_eyes_and_brows_are_no_matter_of_the_mouth(name):
  moved = FACES.at[..., 17:48, :].add(1.0)
  np.testing.assert_allclose(OF_POINTS[name](FACES, moved), 0, atol=1e-5)


def test_a_face_moved_as_a_whole_has_its_gap_as_before():
  moved = FACES + jnp.array([3.0, -2.0, 1.0])
  np.testing.assert_allclose(losses.lip_gap(FACES, moved), 0, atol=1e-5)
  apart = losses.lower_face(FACES, moved)
  np.testing.assert_allclose(apart, 9 + 4 + 1, rtol=1e-4)


def test_the_shape_of_a_mouth_is_the_same_however_far_it_opens():
  wide = REST + 20 * (FACES - REST)
  assert losses.mouth_shape(wide, REST + 2 * (wide - REST), REST) < 0.01
  assert losses.mouth_shape(wide, REST - (wide - REST), REST) > 1.9


def test_mouths_at_rest_teach_nothing_that_is_not_finite():
  still = jnp.broadcast_to(REST, FACES.shape)
  loss, slope = jax.value_and_grad(losses.mouth_shape)(still, still, REST)
  np.testing.assert_allclose(loss, 0, atol=1e-6)
  assert np.isfinite(slope).all()


def test_sequences_are_unlike_by_how_little_they_agree_over_time():
  wave = FACES[..., 0]
  np.testing.assert_allclose(
    losses.sequence_unlikeness(wave, wave), 0, atol=1e-5
  )
  assert losses.sequence_unlikeness(wave, wave[::-1]) > 0.5
  np.testing.assert_allclose(losses.mean_distance(wave, wave + 2), 2, rtol=1e-5)
