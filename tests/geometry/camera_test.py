import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagan_jax.geometry import camera
from tests.reference import recorded

HEIGHT, WIDTH = 24, 32
INTRINSICS = camera.intrinsics(
  jnp.array([[40.0, 44.0]]), jnp.array([[15.0, 12.5]])
)
DEPTH = 1 + jax.random.uniform(jax.random.key(0), (1, HEIGHT, WIDTH, 1))

vectors = st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3)


@given(vectors)
@settings(max_examples=25, deadline=None)
def test_a_rotation_keeps_lengths_and_handedness(vector):
  turn = camera.rotation(jnp.array(vector))
  np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-5)
  np.testing.assert_allclose(jnp.linalg.det(turn), 1, atol=1e-5)


@given(vectors)
@settings(max_examples=25, deadline=None)
def test_a_rotation_is_the_exponential_of_the_cross_product(vector):
  x, y, z = vector
  cross = jnp.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
  expected = jax.scipy.linalg.expm(cross)
  np.testing.assert_allclose(
    camera.rotation(jnp.array(vector)), expected, atol=1e-4
  )


def test_rotations_around_one_axis_add_their_angles():
  axis = jnp.array([0.6, 0.0, 0.8])
  both = camera.rotation(0.3 * axis) @ camera.rotation(0.5 * axis)
  np.testing.assert_allclose(both, camera.rotation(0.8 * axis), atol=1e-6)


@pytest.mark.parametrize('length', [0.0, 1e-8, 1e-4, 9e-4, 1.1e-3, 1.0])
def test_a_rotation_and_its_slope_are_right_however_small(length):
  vector = length * jnp.array([0.6, 0.0, 0.8])
  slope = jax.jacobian(camera.rotation)(vector)
  assert jnp.isfinite(slope).all()
  step = 1e-2 * jnp.array([0.0, 1.0, 0.0])
  ahead, behind = camera.rotation(vector + step), camera.rotation(vector - step)
  np.testing.assert_allclose(slope[..., 1], (ahead - behind) / 2e-2, atol=1e-4)


@given(vectors, vectors)
@settings(max_examples=25, deadline=None)
def test_a_motion_and_its_inverse_cancel(turn, shift):
  motion = camera.rigid(jnp.array(turn), jnp.array(shift))
  back = camera.inverse_rigid(motion)
  np.testing.assert_allclose(motion @ back, np.eye(4), atol=1e-5)


@given(vectors)
@settings(max_examples=25, deadline=None)
def test_the_vector_of_a_rotation_is_found_again(vector):
  vector = jnp.array(vector) * 0.8  # less than half a circle
  found = camera.axis_angle(camera.rotation(vector))
  np.testing.assert_allclose(found, vector, atol=2e-3)


def test_turn_and_shift_of_a_motion_are_found_again():
  turn, shift = jnp.array([0.1, -0.2, 0.3]), jnp.array([0.02, 0.5, -0.1])
  pivot = jnp.array([0.1, 0.2, 2.0])
  motion = camera.rigid(turn, shift, pivot)
  found = camera.turn_and_shift(motion, pivot)
  np.testing.assert_allclose(found, [turn, shift], atol=1e-5)
  at_rest = camera.turn_and_shift(jnp.eye(4), pivot)
  np.testing.assert_array_equal(at_rest, jnp.zeros((2, 3)))


def test_the_pivot_stays_when_a_motion_only_turns():
  pivot = jnp.array([0.1, -0.2, 2.0])
  motion = camera.rigid(jnp.array([0.3, 0.4, -0.5]), jnp.zeros(3), pivot)
  moved = motion[:3, :3] @ pivot + motion[:3, 3]
  np.testing.assert_allclose(moved, pivot, atol=1e-6)


def test_disparity_1_is_near_and_0_is_far():
  ends = jnp.array([1.0, 0.0]).reshape(1, 1, 2, 1)
  np.testing.assert_allclose(
    camera.disparity_to_depth(ends).ravel(), [0.1, 100.0], rtol=1e-5
  )


def test_points_are_projected_back_to_their_pixels():
  points = camera.back_project(DEPTH, INTRINSICS)
  pixels = camera.project(points, INTRINSICS)
  x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
  np.testing.assert_allclose(pixels[0], np.stack([x, y], -1), atol=1e-4)


def test_points_behind_the_camera_give_finite_places_and_slopes():
  points = jnp.array([[[[1.0, 1.0, -1.0], [1.0, 1.0, 0.0]]]])
  project = lambda points: camera.project(points, INTRINSICS).sum()
  value, slope = jax.value_and_grad(project)(points)
  assert jnp.isfinite(value) and jnp.isfinite(slope).all()


def test_a_view_without_motion_is_the_picture_itself():
  picture = jax.random.uniform(jax.random.key(1), (1, HEIGHT, WIDTH, 3))
  view = camera.synthesise_view(picture, DEPTH, INTRINSICS, jnp.eye(4)[None])
  np.testing.assert_allclose(view, picture, atol=1e-4)


def test_a_plane_that_moves_sideways_shifts_by_focal_length_over_depth():
  columns = jnp.arange(WIDTH, dtype=jnp.float32)
  ramp = jnp.broadcast_to(columns[:, None], (1, HEIGHT, WIDTH, 1)) / WIDTH
  motion = camera.rigid(jnp.zeros((1, 3)), jnp.array([[0.1, 0.0, 0.0]]))
  view = camera.synthesise_view(
    ramp, jnp.full_like(DEPTH, 2.0), INTRINSICS, motion
  )
  shift = 40.0 * 0.1 / 2.0
  inside = view[:, :, : WIDTH - 3] - ramp[:, :, : WIDTH - 3]
  np.testing.assert_allclose(inside, shift / WIDTH, atol=1e-5)


def test_two_motions_one_after_the_other_are_their_product():
  first = camera.rigid(jnp.array([[0.0, 0.05, 0.0]]), jnp.array([[0.1, 0, 0]]))
  second = camera.rigid(jnp.array([[0.04, 0, 0]]), jnp.array([[0, 0.1, 0.2]]))
  points = camera.back_project(DEPTH, INTRINSICS)
  move = lambda m, p: (
    jnp.einsum('bij,bhwj->bhwi', m[:, :3, :3], p) + (m[:, None, None, :3, 3])
  )
  pixels = camera.project(move(second, move(first, points)), INTRINSICS)
  size = jnp.array([WIDTH - 1, HEIGHT - 1])
  flow = camera.view_flow(DEPTH, INTRINSICS, second @ first)
  np.testing.assert_allclose((flow + 1) / 2 * size, pixels, atol=1e-3)


def test_geometry_is_the_original_ones():
  r = recorded.arrays('depth_training')
  motion = camera.rigid(
    r['given_axisangle'][:, 0], r['given_translation'][:, 0]
  )
  np.testing.assert_allclose(motion, r['transform'], atol=1e-5)
  np.testing.assert_allclose(
    camera.inverse_rigid(motion), r['transform_inverted'], atol=1e-5
  )
  depth = camera.disparity_to_depth(r['disparity'])
  np.testing.assert_allclose(depth[:, ::8, ::8], r['depth'], rtol=1e-4)
  flow = camera.view_flow(depth, r['given_intrinsics'], motion)
  np.testing.assert_allclose(flow[:, ::4, ::4], r['sampling_grid'], atol=1e-4)
  view = camera.synthesise_view(
    recorded.unit(r['next'][None]),
    depth,
    r['given_intrinsics'],
    motion,
    align_corners=False,
  )
  np.testing.assert_allclose(view[:, ::4, ::4], r['warped'], atol=1e-4)
