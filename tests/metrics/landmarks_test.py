import numpy as np
import pytest

from dagan_jax.metrics.landmarks import (
  euclidean_landmark_distance,
  landmark_distance,
  landmark_error,
)

RANDOM = np.random.default_rng(0)
A, B = RANDOM.uniform(0, 64, (2, 3, 68, 2)).astype(np.float32)


def test_equal_landmarks_are_nowhere_apart():
  np.testing.assert_array_equal(landmark_distance(A, A, 64), np.zeros(3))


def test_the_distance_is_symmetric():
  np.testing.assert_array_equal(
    landmark_distance(A, B, 64), landmark_distance(B, A, 64)
  )


@pytest.mark.parametrize('size', [64, 256, 512])
def test_a_shift_counts_in_pixels_of_a_picture_of_256(size):
  aside = A + np.float32([3, 0])
  np.testing.assert_allclose(
    landmark_distance(A, aside, size), 3 / 2 * 256 / size, rtol=1e-4
  )
  slanting = A + np.float32([3, -3])
  np.testing.assert_allclose(
    landmark_distance(A, slanting, size), 3 * 256 / size, rtol=1e-4
  )


def test_pictures_of_any_size_tell_the_same():
  np.testing.assert_allclose(
    landmark_distance(A, B, 64), landmark_distance(2 * A, 2 * B, 128)
  )


def test_a_missing_face_spoils_its_own_example_only():
  missing = A.copy()
  missing[1] = np.nan
  distances = landmark_distance(missing, B, 64)
  np.testing.assert_array_equal(np.isnan(distances), [False, True, False])


def test_the_error_does_not_depend_on_the_size_of_the_pictures():
  a, b = np.random.default_rng(0).uniform(0, 64, (2, 3, 68, 2))
  np.testing.assert_allclose(landmark_error(a, b), landmark_error(4 * a, 4 * b))


def test_landmarks_off_by_the_distance_of_the_eyes_have_error_one():
  a = np.random.default_rng(0).uniform(0, 64, (1, 68, 2))
  shift = np.linalg.norm(a[0, 36] - a[0, 45])
  np.testing.assert_allclose(landmark_error(a, a + np.array([shift, 0])), [1])


def test_a_known_shift_has_its_length_and_its_coordinates_mean():
  aside = A + np.float32([3, 4])
  known = 256 / 64
  np.testing.assert_allclose(
    euclidean_landmark_distance(A, aside, 64), 5 * known, rtol=1e-4
  )
  np.testing.assert_allclose(
    landmark_distance(A, aside, 64), 3.5 * known, rtol=1e-4
  )
