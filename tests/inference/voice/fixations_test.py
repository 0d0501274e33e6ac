"""Eyes rest or jump."""

import numpy as np

from dagan_jax.inference.voice.fixations import fixate

RNG = np.random.default_rng(0)
PLACES = np.radians([[0, 0], [10, -2], [-6, 4]])


def test_trembling_eyes_rest_and_their_jumps_stay_where_they_are():
  true = np.float32(np.repeat(PLACES, 30, axis=0))
  gaze = true + np.float32(np.radians(1) * RNG.standard_normal(true.shape))
  found = fixate(gaze)
  moved = np.flatnonzero(np.abs(np.diff(found, axis=0)).sum(1))
  np.testing.assert_allclose(moved + 1, [30, 60], atol=2)
  assert np.degrees(np.abs(found - true)[10:-10]).mean() < 0.5


def test_eyes_that_rest_and_jump_stay_as_they_are():
  gaze = np.repeat(PLACES, 20, axis=0)
  np.testing.assert_array_equal(fixate(gaze), gaze)


def test_a_gaze_of_any_length_has_as_many_frames():
  for count in (0, 1, 4, 12):
    assert fixate(np.ones((count, 2))).shape == (count, 2)
