import numpy as np

from dagan_jax.metrics.head_pose import pose_error


def test_a_known_turn_has_its_root_mean_square():
  poses = np.zeros((2, 3))
  turned = np.array([[3.0, 0, 0], [3, -4, 5]])
  known = np.sqrt([3, 50 / 3])
  np.testing.assert_allclose(pose_error(poses, turned), known)
  np.testing.assert_allclose(pose_error(turned, poses), known)


def test_an_angle_beyond_the_half_turn_is_a_small_one():
  one, other = np.array([[179.0, 0, 0]]), np.array([[-179.0, 0, 0]])
  np.testing.assert_allclose(pose_error(one, other), np.sqrt(4 / 3))


def test_a_lost_face_spoils_its_own_example_only():
  lost = np.array([[1.0, 2, 3], [np.nan] * 3])
  np.testing.assert_array_equal(np.isnan(pose_error(lost, lost)), [0, 1])
