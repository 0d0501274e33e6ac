import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.metrics.sequences import (
  FRAME_RATE,
  fast_share,
  gaze_error,
  motion_ssim,
  motion_variance,
  noise_error,
)

SECONDS = np.arange(100) / FRAME_RATE


def wave(hertz: float, degrees: float = 4.0) -> jnp.ndarray:
  turn = degrees * np.sin(2 * np.pi * hertz * SECONDS)
  return jnp.asarray(np.stack([turn, -turn], -1)[None], jnp.float32)


def test_who_finds_nothing_errs_by_the_variance_of_the_noise():
  noise = jnp.asarray(
    np.random.default_rng(0).standard_normal((3, 4, 50, 6)), jnp.float32
  )
  np.testing.assert_allclose(noise_error(noise, 0 * noise), 1, atol=0.1)
  np.testing.assert_array_equal(noise_error(noise, noise), 0)


@pytest.mark.parametrize('degrees', [1.0, 4.0])
def test_the_variance_of_a_wave_is_half_of_its_squared_height(degrees):
  found = motion_variance(wave(1.0, degrees) + 7)
  np.testing.assert_allclose(found, degrees**2 / 2, rtol=1e-4)


@pytest.mark.parametrize('hertz, share', [(0.25, 0.0), (0.6, 0.0), (3.0, 1.0)])
def test_a_wave_is_fast_or_slow_by_its_frequency(hertz, share):
  np.testing.assert_allclose(fast_share(wave(hertz)), share, atol=0.03)


def test_a_slow_turn_that_does_not_come_back_is_slow():
  turn = jnp.asarray(SECONDS[None, :, None], jnp.float32)
  assert fast_share(turn)[0] < 0.1


def test_of_what_is_still_nothing_is_said_of_speed():
  still = jnp.ones((1, 20, 2))
  assert jnp.isnan(fast_share(still)).all()
  assert motion_variance(still)[0] == 0


def test_a_motion_is_like_itself_and_unlike_its_opposite():
  nod = wave(0.5)
  np.testing.assert_allclose(motion_ssim(nod, nod), 1, atol=1e-5)
  assert motion_ssim(nod, -nod)[0] < 0


def test_a_gaze_errs_by_the_angle_between_where_two_look():
  truth = jnp.array([[[0.0, 0], [10, 0], [40, 60]]])
  found = jnp.array([[[3.0, 0], [10, -5], [40, 60]]])
  np.testing.assert_allclose(gaze_error(truth, found), 8 / 3, atol=1e-3)
  up = jnp.array([[[0.0, 60]]])  # where a turn aside is half as far
  aside = gaze_error(up, up + jnp.array([1.0, 0]))
  np.testing.assert_allclose(aside, 0.5, atol=1e-3)


def test_frames_in_which_no_gaze_is_seen_do_not_count():
  truth = jnp.zeros((1, 2, 2))
  found = jnp.array([[[4, 0], [jnp.nan, jnp.nan]]])
  np.testing.assert_allclose(gaze_error(truth, found), 4, atol=1e-3)
