import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagan_jax.geometry.keypoints import gaussian_maps, hull_area, inverse_2x2


def test_a_matrix_times_its_inverse_is_the_identity():
  matrix = jax.random.normal(jax.random.key(0), (5, 7, 2, 2))
  identity = np.broadcast_to(np.eye(2), matrix.shape)
  np.testing.assert_allclose(matrix @ inverse_2x2(matrix), identity, atol=1e-3)


def test_a_gaussian_map_peaks_at_its_point():
  points = jnp.array([[[-1.0, -1.0], [1.0, 0.0]]])
  maps = gaussian_maps(points, 5, 9)
  np.testing.assert_allclose(maps[0, 0, 0, 0], 1)
  np.testing.assert_allclose(maps[0, 2, 8, 1], 1)
  assert jnp.all(maps <= 1)


@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(0, 6))
@settings(max_examples=20, deadline=None)
def test_hull_area_grows_with_the_square_and_ignores_turning(seed, size, angle):
  points = np.random.default_rng(seed).normal(size=(9, 2))
  turn = np.array(
    [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
  )
  np.testing.assert_allclose(
    hull_area(size * points @ turn + 3), size**2 * hull_area(points), rtol=1e-6
  )


@pytest.mark.parametrize('points', [[[0, 0], [1, 1], [2, 2]], [[1, 1]] * 4])
def test_points_on_a_line_span_no_area(points):
  assert hull_area(np.array(points, float)) == 0
