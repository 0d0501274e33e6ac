import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.metrics import speech

SAYS = jnp.array([[0.0, 0.0, 4.0, 0.5, 6.0, 0.0, 0.0, 0.0]])  # mm
SPEAKS = jnp.array([[0, 0, 1, 1, 1, 0, 0, 0]], bool)
BILABIAL = jnp.array([[0, 0, 0, 1, 0, 0, 0, 0]], bool)


def test_who_opens_half_as_wide_at_the_right_time_correlates():
  found = speech.lip_correlation(SAYS, 0.5 * SAYS + 1)
  np.testing.assert_allclose(found, 1, atol=1e-5)
  np.testing.assert_allclose(speech.lip_correlation(SAYS, -SAYS), -1, atol=1e-5)


@pytest.mark.parametrize('still', ['truth', 'answer'])
def test_of_a_mouth_that_never_moves_nothing_is_said(still):
  pair = [SAYS, SAYS]
  pair[still == 'answer'] = jnp.ones_like(SAYS)
  assert jnp.isnan(speech.lip_correlation(*pair)).all()


@pytest.mark.parametrize(
  'gap, share', [(0.0, 1), (0.5, 1), (0.6, 0), (-0.5, 1)]
)
def test_lips_of_a_bilabial_are_shut_up_to_half_a_millimetre(gap, share):
  found = jnp.where(BILABIAL, gap, SAYS)
  assert speech.bilabial_closure(BILABIAL, found)[0] == share


def test_each_frame_of_bilabials_counts_alike():
  both = BILABIAL | (jnp.arange(8) == 4)
  assert speech.bilabial_closure(both, SAYS)[0] == 0.5


def test_a_speech_without_bilabials_or_silence_says_nothing_of_them():
  assert jnp.isnan(speech.bilabial_closure(BILABIAL & False, SAYS)).all()
  assert jnp.isnan(speech.silent_movement(SPEAKS | True, SAYS)).all()


def test_lips_are_still_in_silence_whatever_they_do_in_speech():
  assert speech.silent_movement(SPEAKS, SAYS)[0] == 0
  restless = SAYS + jnp.where(SPEAKS, 0, jnp.arange(8) % 2)
  found = speech.silent_movement(SPEAKS, restless)
  np.testing.assert_allclose(found, speech.FRAME_RATE)  # a millimetre a frame


def test_a_mouth_is_as_far_off_as_its_points_are():
  mouth = jnp.zeros((2, 8, 20, 3))
  found = speech.mouth_distance(mouth, mouth + jnp.array([3.0, 4.0, 0.0]))
  np.testing.assert_allclose(found, 5, rtol=1e-5)


def test_lids_that_blink_at_another_time_vary_as_much_but_are_unlike():
  blinks = jnp.zeros((1, 20, 2)).at[:, 4:6].set(-5)
  later = jnp.roll(blinks, 7, axis=1)
  np.testing.assert_allclose(
    speech.eye_variance(blinks), speech.eye_variance(later), rtol=1e-5
  )
  np.testing.assert_allclose(speech.eye_ssim(blinks, blinks), 1, atol=1e-5)
  assert speech.eye_ssim(blinks, later)[0] < 0.1


def test_openings_are_off_by_millimetres_whichever_way():
  off = SAYS + jnp.where(jnp.arange(8) < 4, 1.0, -2.0)
  np.testing.assert_allclose(speech.opening_error(SAYS, off), 1.5)
