import numpy as np
import pytest

from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.absence import hold_poses

RANDOM = np.random.default_rng(0)
POSES = Keypoints(
  RANDOM.random((12, 3, 2), np.float32),
  RANDOM.random((12, 3, 2, 2), np.float32),
)
FADE = 3


def held(*lost):
  seen = np.ones(12, bool)
  seen[list(lost)] = False
  return hold_poses(POSES, seen, FADE)


def assert_pose(poses, index, expected):
  for found, known in zip(poses, expected, strict=True):
    np.testing.assert_allclose(found[index], known, atol=1e-6)


def pose(index):
  return Keypoints(*(x[index] for x in POSES))


@pytest.mark.parametrize(
  'lost', [(), (4,), range(3, 10), range(4), range(7, 12), (1, 2, 5, 6, 7)]
)
def test_poses_of_frames_with_a_face_stay_as_they_are(lost):
  poses = held(*lost)
  for index in set(range(12)).difference(lost):
    for found, known in zip(poses, pose(index), strict=True):
      np.testing.assert_array_equal(found[index], known)
  assert all(x.dtype == np.float32 for x in poses)


def test_a_long_absence_is_held_and_then_fades_to_what_follows():
  poses = held(*range(2, 10))
  for index in range(2, 7):
    assert_pose(poses, index, pose(1))
  for index, share in ((7, 0.25), (8, 0.5), (9, 0.75)):
    between = [
      a + share * (b - a) for a, b in zip(pose(1), pose(10), strict=True)
    ]
    assert_pose(poses, index, between)


def test_a_short_absence_is_one_steady_move():
  poses = held(5)
  assert_pose(
    poses, 5, [(a + b) / 2 for a, b in zip(pose(4), pose(6), strict=True)]
  )


def test_before_the_first_face_and_after_the_last_one_nothing_moves():
  poses = held(0, 1, 2, 10, 11)
  for index in range(3):
    assert_pose(poses, index, pose(3))
  for index in (10, 11):
    assert_pose(poses, index, pose(9))
