from fractions import Fraction

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.driving_motion import (
  DrivingMotion,
  GrowingKeypoints,
  check_motion,
  load_motion,
  nearest_frame,
  smoothed,
)

RATE = 25


def motion_of(value: np.ndarray, seed: int = 0) -> DrivingMotion:
  """A motion with these points, and Jacobians that change."""
  turns = np.random.default_rng(seed).normal(size=(*value.shape, 2))
  keypoints = Keypoints(np.float32(value), np.float32(turns))
  return DrivingMotion(keypoints, Fraction(RATE), 'some network')


def faces(count: int) -> np.ndarray:
  return np.random.default_rng(1).uniform(-0.5, 0.5, (count, 10, 2))


def at(motion: DrivingMotion, index: int) -> Keypoints:
  return jax.tree.map(lambda x: x[index], motion.keypoints)


def test_the_nearest_frame_is_found_wherever_and_however_large_it_is():
  motion = motion_of(faces(20))
  for index in (0, 7, 19):
    best, distance = nearest_frame(at(motion, index), motion.keypoints)
    assert best == index and distance < 1e-6
    own = at(motion, index)
    moved = own._replace(value=own.value * 0.3 + 0.4)
    assert nearest_frame(moved, motion.keypoints)[0] == index
  nose = 0.05 * (np.arange(10) == 3)[:, None]
  nose = at(motion, 5)._replace(value=motion.keypoints.value[5] + nose)
  best, distance = nearest_frame(nose, motion.keypoints)
  assert best == 5 and 0 < distance < 0.1


def test_points_on_one_line_are_far_from_every_face():
  line = np.stack([np.linspace(0, 1, 10)] * 2, axis=-1)
  own = at(motion_of(line[None]), 0)
  best, distance = nearest_frame(own, motion_of(faces(3)).keypoints)
  assert best in range(3) and np.isfinite(distance) and distance > 1


def test_what_stands_still_is_not_smoothed_away():
  still = np.repeat(faces(1), 30, axis=0)
  motion = motion_of(still)
  np.testing.assert_array_equal(
    smoothed(motion, 1.0).keypoints.value, motion.keypoints.value
  )


def test_without_smoothing_a_motion_stays_as_it_is():
  motion = motion_of(faces(5))
  assert smoothed(motion, 0.0) is motion


@pytest.mark.parametrize(
  ('motion', 'strength', 'smooth', 'words'),
  [
    ('sideways', 1.0, 0.0, 'motion=sideways: choose from relative'),
    ('absolute', -1.0, 0.0, 'strength=-1.0'),
    ('relative', 1.0, float('nan'), 'smooth=nan'),
  ],
)
def test_what_no_portrait_can_do_is_refused(motion, strength, smooth, words):
  check_motion('relative', 0.0, 0.0)
  with pytest.raises(UsageError, match=words):
    check_motion(motion, strength, smooth)


def test_trembling_goes_and_quick_turns_stay():
  rng = np.random.default_rng(0)
  noise = rng.normal(scale=0.005, size=(200, 10, 2))
  trembling = motion_of(faces(1) + noise)
  calm = smoothed(trembling, 1.0).keypoints.value[50:]
  assert calm.std(axis=0).mean() < 0.6 * noise[50:].std(axis=0).mean()
  # Half a picture in half a second, as when a head is thrown round.
  turn = np.clip(np.arange(60) / RATE - 1, 0, 0.5)[:, None, None]
  quick = motion_of(np.broadcast_to(faces(1) + turn, (60, 10, 2)))
  late = quick.keypoints.value - smoothed(quick, 1.0).keypoints.value
  assert np.abs(late).max() < 0.06
  plain = 1 / (1 + RATE / (2 * np.pi))  # a low pass at 1 Hz, for comparison
  assert np.abs(late).max() < 0.3 * (1 / RATE) / plain


def test_smoothing_knows_time_not_frames():
  seconds = np.arange(100)[:, None, None] / 50
  swing = faces(1) + 0.1 * np.sin(2 * np.pi * seconds)
  fast = motion_of(swing)._replace(rate=Fraction(50))
  slow = motion_of(swing[::2])
  fast, slow = (smoothed(x, 2.0).keypoints.value for x in (fast, slow))
  np.testing.assert_allclose(fast[::2], slow, atol=0.02)


def test_a_saved_motion_comes_back(tmp_path):
  motion = motion_of(faces(4))._replace(rate=Fraction(30000, 1001))
  path = tmp_path / 'new' / 'motion.npz'
  motion.save(path)
  loaded = load_motion(path, 'some network')
  assert loaded.rate == motion.rate
  jax.tree.map(
    np.testing.assert_array_equal, loaded.keypoints, motion.keypoints
  )
  assert [*path.parent.iterdir()] == [path]
  with pytest.raises(UsageError, match='another network'):
    load_motion(path, 'some other')


def test_what_is_no_motion_is_refused(tmp_path):
  motion = motion_of(faces(2))
  flat = motion.keypoints._replace(jacobian=motion.keypoints.jacobian[:, :3])
  motion._replace(keypoints=flat).save(tmp_path / 'torn.npz')
  np.savez(tmp_path / 'foreign.npz', value=np.zeros(3))
  np.savez(tmp_path / 'newer.npz', format=2)
  (tmp_path / 'text.npz').write_text('not a motion')
  for name, words in {
    'torn': 'no motion, but',
    'foreign': 'damaged',
    'newer': 'newer version',
    'text': 'damaged',
    'missing': 'no such',
  }.items():
    with pytest.raises(UsageError, match=words) as caught:
      load_motion(tmp_path / f'{name}.npz', 'some network')
    assert name in str(caught.value) and '\n' not in str(caught.value)
  (tmp_path / 'file').write_text('')
  with pytest.raises(UsageError, match='cannot be written'):
    motion.save(tmp_path / 'file' / 'm.npz')


def test_growing_keypoints_are_the_frames_stacked():
  random = np.random.default_rng(0)
  frames = [
    Keypoints(*(random.random(shape, np.float32) for shape in shapes))
    for shapes in 5 * [((3, 2), (3, 2, 2))]
  ]
  growing = GrowingKeypoints()
  assert not growing
  for frame in frames:
    growing.append(frame)
  assert len(growing) == 5
  for found, *expected in zip(growing.stacked(), *frames, strict=True):
    np.testing.assert_array_equal(found, expected)
