import numpy as np
import pytest

from dagan_jax.drawing import panels

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize('width', [7, 16, 31])
def test_a_scaled_picture_is_as_high_as_asked_and_evenly_wide(width):
  picture = RANDOM.integers(0, 256, (16, width, 3), np.uint8)
  scaled = panels.scale_to_height(picture, 32)
  assert scaled.shape[0] == 32 and scaled.shape[1] % 2 == 0
  assert abs(scaled.shape[1] - 2 * width) <= 1


def test_pictures_of_one_height_stand_side_by_side_as_they_are():
  left, right = RANDOM.integers(0, 256, (2, 16, 8, 3), np.uint8)
  row = panels.place_side_by_side([left, right], 16)
  np.testing.assert_array_equal(row, np.concatenate([left, right], axis=1))
