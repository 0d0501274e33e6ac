from fractions import Fraction

import numpy as np

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.smoothing import Smoother
from tests.support.motions import RATE, draw_faces, make_motion


def smooth(value: np.ndarray, cutoff: float, rate: int = RATE) -> np.ndarray:
  """Points, smoothed."""
  keypoints = make_motion(value).keypoints
  return Smoother(Fraction(rate), cutoff).smooth(keypoints).value


def test_what_stands_still_is_not_smoothed_away():
  still = np.float32(np.repeat(draw_faces(1), 30, axis=0))
  np.testing.assert_array_equal(smooth(still, 1.0), still)


def test_without_smoothing_keypoints_stay_as_they_are():
  keypoints = make_motion(draw_faces(5)).keypoints
  assert Smoother(Fraction(RATE), 0.0).smooth(keypoints) is keypoints


def test_trembling_goes_and_quick_turns_stay():
  rng = np.random.default_rng(0)
  noise = rng.normal(scale=0.005, size=(200, 10, 2))
  calm = smooth(draw_faces(1) + noise, 1.0)[50:]
  assert calm.std(axis=0).mean() < 0.6 * noise[50:].std(axis=0).mean()
  # Half a picture in half a second, as when a head is thrown round.
  turn = np.clip(np.arange(60) / RATE - 1, 0, 0.5)[:, None, None]
  quick = draw_faces(1) + turn
  late = quick - smooth(quick, 1.0)
  assert np.abs(late).max() < 0.06
  plain = 1 / (1 + RATE / (2 * np.pi))  # a low pass at 1 Hz, for comparison
  assert np.abs(late).max() < 0.3 * (1 / RATE) / plain


def test_smoothing_knows_time_not_frames():
  seconds = np.arange(100)[:, None, None] / 50
  swing = draw_faces(1) + 0.1 * np.sin(2 * np.pi * seconds)
  fast, slow = smooth(swing, 2.0, rate=50), smooth(swing[::2], 2.0)
  np.testing.assert_allclose(fast[::2], slow, atol=0.02)


def test_frames_that_come_one_by_one_are_smoothed_as_all_at_once():
  keypoints = make_motion(draw_faces(7)).keypoints
  whole = Smoother(Fraction(RATE), 1.0).smooth(keypoints)
  smoother = Smoother(Fraction(RATE), 1.0)
  for start, end in ((0, 1), (1, 4), (4, 7)):
    some = Keypoints(*(x[start:end] for x in keypoints))
    for found, expected in zip(smoother.smooth(some), whole, strict=True):
      np.testing.assert_array_equal(found, expected[start:end])
