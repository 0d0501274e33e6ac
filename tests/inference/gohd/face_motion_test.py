import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.gohd.face_motion import FaceMotion, load_motion

VALUES = np.random.default_rng(0).normal(size=(30, 72)).astype(np.float32)
MOTION = FaceMotion(VALUES, Fraction(25), 'some network')


def test_each_frame_is_drawn_from_13_frames_to_each_side():
  (windows, count), *others = MOTION.windows(20, 72)
  assert windows.shape == (20, 27, 72) and count == 20
  np.testing.assert_array_equal(windows[15], VALUES[2:29])
  assert [n for _, n in others] == [10]


def test_beyond_its_ends_a_motion_rests():
  ((windows, _),) = MOTION.windows(30, 72)
  np.testing.assert_array_equal(windows[0, :14], np.tile(VALUES[0], (14, 1)))
  np.testing.assert_array_equal(windows[-1, 13:], np.tile(VALUES[-1], (14, 1)))


def test_an_animator_without_a_gaze_takes_the_first_70_numbers():
  ((windows, _),) = MOTION.windows(30, 70)
  np.testing.assert_array_equal(windows[:, 13], VALUES[:, :70])


def test_strength_goes_from_rest_to_all_of_the_motion_and_beyond():
  rest = VALUES[3]
  np.testing.assert_allclose(MOTION.weaken(rest, 0.0).values, [rest] * 30)
  assert MOTION.weaken(rest, 1.0) is MOTION
  half = MOTION.weaken(rest, 0.5).values
  np.testing.assert_allclose(half, (rest + VALUES) / 2, atol=1e-6)


def test_smoothing_takes_out_what_trembles():
  trembling = dataclasses.replace(MOTION, values=0.01 * VALUES)
  still = trembling.smooth(0.5).values
  assert np.diff(still, axis=0).std() < 0.005 * np.diff(VALUES, axis=0).std()
  assert MOTION.smooth(0.0) is MOTION


def test_a_saved_motion_comes_back_for_the_same_measures_alone(tmp_path):
  path = str(tmp_path / 'm.npz')
  MOTION.save(path)
  loaded = load_motion(path, 'some network')
  np.testing.assert_array_equal(loaded.values, VALUES)
  assert (loaded.rate, loaded.network) == (MOTION.rate, MOTION.network)
  with pytest.raises(UsageError, match='another network'):
    load_motion(path, 'another network')


def test_what_is_no_saved_motion_is_one_clear_line(tmp_path):
  np.savez(tmp_path / 'other.npz', format=1, face_motion=np.zeros((3, 5)))
  (tmp_path / 'cut.npz').write_bytes(b'PK')
  for name in ('other.npz', 'cut.npz', 'missing.npz'):
    with pytest.raises(UsageError, match=rf'\A[^\n]*{name}[^\n]+\Z'):
      load_motion(tmp_path / name, 'some network')
