import numpy as np
import pytest

from dagan_jax.drawing import colours


def grid(height, width):
  x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
  return np.stack([x, y], -1)


def test_floats_and_grey_become_colour_bytes():
  image = colours.picture(np.array([[[-1.0], [0.5], [np.nan], [2.0]]]))
  assert image.tolist() == [[[0] * 3, [128] * 3, [0] * 3, [255] * 3]]
  same = np.random.default_rng(0).integers(0, 256, (2, 3, 3), np.uint8)
  np.testing.assert_array_equal(colours.picture(same), same)


def test_the_colour_map_grows_lighter_all_the_way():
  mapped = colours.colour_map(np.linspace(0, 1, 100)[None, :, None])
  lightness = mapped[0] @ np.array([0.3, 0.6, 0.1])
  assert (np.diff(lightness) > 0).all()


def test_a_flow_that_stays_is_white_and_one_that_moves_is_not():
  flow = grid(4, 6)
  assert (colours.flow_wheel(flow) == 255).all()
  step = np.array([0.5, 0.0])
  right, left = colours.flow_wheel(flow + step), colours.flow_wheel(flow - step)
  assert right[0, 0].tolist() == [255, 64, 64]
  assert (right != left).any()
  assert colours.flow_wheel(np.stack([flow, flow])).shape == (2, 4, 6, 3)


def test_a_dot_lies_where_its_keypoint_is():
  image = np.zeros((65, 33, 3), np.float32)
  dots = colours.mark_keypoints(image, np.array([[0.5, -0.5]]), radius=0.1)
  y, x = (places.mean() for places in np.nonzero(dots.any(-1)))
  assert (x, y) == pytest.approx((24, 16), abs=0.6)


def test_every_keypoint_has_a_colour_of_its_own():
  image = np.zeros((64, 64, 3), np.float32)
  points = np.array([[x, 0.0] for x in np.linspace(-0.9, 0.9, 5)])
  dots = colours.mark_keypoints(image, points)
  columns = np.round((points[:, 0] + 1) / 2 * 63).astype(int)
  assert len({tuple(dots[32, column]) for column in columns}) == 5


def test_on_a_logarithmic_scale_equal_factors_are_equal_steps():
  values = np.array([1e-4, 0.01, 0.1, 1.0]).reshape(1, 4, 1)
  np.testing.assert_allclose(
    colours.stretch_logarithms(values).ravel(), [0, 0, 0.5, 1], atol=1e-6
  )


def test_each_map_is_stretched_from_0_to_1():
  maps = np.array([[1.0, 2.0, 3.0], [-8.0, 0.0, 8.0]]).reshape(2, 1, 3, 1)
  stretched = colours.stretch(maps)
  np.testing.assert_allclose(stretched.reshape(2, 3), [[0, 0.5, 1]] * 2)
  assert not colours.stretch(np.full((1, 2, 2, 1), 7.0)).any()


def test_a_steady_colour_map_gives_equal_values_equal_colours():
  first = np.linspace(2, 4, 6).reshape(2, 3, 1)
  colour = colours.steady_colour_map(first)
  np.testing.assert_array_equal(
    colour(first), colours.colour_map((first - 2) / 2)
  )
  later = np.full_like(first, 3.2)
  later[0] = first[0]
  np.testing.assert_array_equal(colour(later)[0], colour(first)[0])
