import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.metrics.depth import (
  DEPTH_ERRORS,
  ellipsoid,
  normal_error,
  normals,
  plane,
  scale_and_shift_to_truth,
  scale_to_truth,
)

SIZE, FOCAL = 24, 60.0
SHAPE = (2, SIZE, SIZE, 1)
KEYS = jax.random.split(jax.random.key(0), 3)
TRUTH = jax.random.uniform(KEYS[0], SHAPE, minval=1.0, maxval=1.3)
OTHER = jax.random.uniform(KEYS[1], SHAPE, minval=0.5, maxval=2.0)
MASK = jax.random.bernoulli(KEYS[2], 0.7, SHAPE)
EVERYWHERE = jnp.ones(SHAPE, bool)
NOTHING = jnp.zeros(SHAPE, bool)
INTRINSICS = jnp.broadcast_to(
  jnp.array([[FOCAL, 0, 11.5], [0, FOCAL, 11.5], [0, 0, 1]]), (2, 3, 3)
)
PERFECT = {
  'abs_rel': 0,
  'rmse': 0,
  'log_rmse': 0,
  'delta1': 1,
  'delta2': 1,
  'delta3': 1,
}


@jax.jit
def errors(truth, prediction, mask):
  return {
    name: error(truth, prediction, mask) for name, error in DEPTH_ERRORS.items()
  }


median_scaled = jax.jit(scale_to_truth)
fitted = jax.jit(scale_and_shift_to_truth)
normal_errors = jax.jit(normal_error)
front = jax.jit(ellipsoid)


def disc(half_x: float, half_y: float) -> jax.Array:
  """The same ellipse in the middle of both pictures."""
  y, x = np.mgrid[:SIZE, :SIZE] - 11.5
  inside = (x / half_x) ** 2 + (y / half_y) ** 2 <= 1
  return jnp.broadcast_to(jnp.asarray(inside)[..., None], SHAPE)


def assert_perfect(values: dict[str, jax.Array], atol: float = 1e-4):
  assert set(values) == set(PERFECT)
  for name, best in PERFECT.items():
    assert values[name].shape == (2,), name
    np.testing.assert_allclose(values[name], best, atol=atol, err_msg=name)


def assert_finite(tree):
  for leaf in jax.tree.leaves(tree):
    assert jnp.all(jnp.isfinite(leaf))


def test_the_truth_itself_scores_perfectly():
  assert_perfect(errors(TRUTH, TRUTH, MASK))
  error = normal_errors(TRUTH, TRUTH, EVERYWHERE, INTRINSICS)
  np.testing.assert_allclose(error, 0, atol=0.1)


def test_a_common_factor_has_known_errors():
  values = errors(jnp.ones(SHAPE), jnp.full(SHAPE, 1.5), MASK)
  known = {
    'abs_rel': 0.5,
    'rmse': 0.5,
    'log_rmse': np.log(1.5),
    'delta1': 0,
    'delta2': 1,
    'delta3': 1,
  }
  for name, value in known.items():
    np.testing.assert_allclose(values[name], value, atol=1e-6, err_msg=name)


@pytest.mark.parametrize('outside', [0.0, -1.0, np.inf, np.nan])
def test_what_lies_outside_the_mask_changes_nothing(outside):
  truth, other = (jnp.where(MASK, a, outside) for a in (TRUTH, OTHER))
  for align in (lambda t, p, m: p, median_scaled, fitted):
    expected = errors(TRUTH, align(TRUTH, OTHER, MASK), MASK)
    # Networks predict a number everywhere; files of true depth do not.
    values = errors(truth, align(truth, OTHER, MASK), MASK)
    for name in PERFECT:
      np.testing.assert_array_equal(values[name], expected[name])
  values = errors(TRUTH, other, MASK)
  np.testing.assert_array_equal(
    values['rmse'], errors(TRUTH, OTHER, MASK)['rmse']
  )
  mask = disc(8, 8)
  truth = jnp.where(mask, TRUTH, outside)
  np.testing.assert_allclose(
    normal_errors(truth, OTHER, mask, INTRINSICS),
    normal_errors(TRUTH, OTHER, mask, INTRINSICS),
    atol=1e-3,
  )


@pytest.mark.parametrize('scale', [1e-2, 7.0, 1e4])
def test_the_scale_of_an_aligned_prediction_does_not_count(scale):
  for align in (median_scaled, fitted):
    np.testing.assert_allclose(
      align(TRUTH, scale * OTHER, MASK), align(TRUTH, OTHER, MASK), rtol=1e-3
    )
  assert_perfect(errors(TRUTH, median_scaled(TRUTH, scale * TRUTH, MASK), MASK))


def test_a_scaled_prediction_has_the_median_of_the_truth():
  aligned = median_scaled(TRUTH, OTHER, MASK)
  for truth, prediction, mask in zip(
    *map(np.asarray, (TRUTH, aligned, MASK)), strict=True
  ):
    np.testing.assert_allclose(
      np.median(prediction[mask]), np.median(truth[mask]), rtol=1e-6
    )


def test_a_scale_and_a_shift_of_inverse_depth_do_not_count():
  prediction = 1 / (0.2 + 3 / TRUTH)
  aligned = fitted(TRUTH, prediction, MASK)
  np.testing.assert_allclose(aligned, TRUTH, rtol=1e-4)
  assert_perfect(errors(TRUTH, aligned, MASK))


def test_the_fit_is_that_of_least_squares():
  # Alike enough for a positive scale, with no depth to clip.
  prediction = 1 / (1 / TRUTH + 0.2 / OTHER)
  aligned = fitted(TRUTH, prediction, MASK)
  for truth, given, ours, mask in zip(
    *map(np.asarray, (TRUTH, prediction, aligned, MASK)), strict=True
  ):
    scale, shift = np.polyfit(1 / given[mask], 1 / truth[mask], 1)
    np.testing.assert_allclose(1 / ours, scale / given + shift, rtol=1e-4)


def test_a_hollow_face_is_not_turned_inside_out():
  hollow = 1 / (2 - 1 / TRUTH)
  aligned = fitted(TRUTH, hollow, MASK)
  mean = jnp.mean(1 / TRUTH, axis=(1, 2, 3), where=MASK)
  expected = jnp.broadcast_to(1 / mean[:, None, None, None], SHAPE)
  np.testing.assert_allclose(aligned, expected, rtol=1e-5)
  np.testing.assert_allclose(
    aligned, fitted(TRUTH, jnp.full(SHAPE, 0.7), MASK), rtol=1e-5
  )


def test_a_fitted_depth_is_positive_and_not_huge():
  truth = jnp.where(TRUTH > 1.15, 1.0, 5.0)
  # One pixel far behind the others, where the fitted line falls below zero.
  prediction = (1 / (1.5 + 1 / truth)).at[:, 0, 0].set(1e3)
  mask = EVERYWHERE.at[:, 0, 0].set(False)
  aligned = fitted(truth, prediction, mask)
  np.testing.assert_allclose(aligned[:, 0, 0], 50, rtol=1e-4)
  assert jnp.all(aligned > 0)


def test_a_tilted_plane_has_its_normal_everywhere():
  normal = np.array([0.3, -0.2, -1.0])
  normal = normal / np.linalg.norm(normal)
  v, u = np.mgrid[:SIZE, :SIZE]
  x, y = (u - 11.5) / FOCAL, (v - 11.5) / FOCAL
  # normal . (x z, y z, z) = normal_z at every pixel.
  depth = normal[2] / (normal[0] * x + normal[1] * y + normal[2])
  depth = jnp.broadcast_to(jnp.float32(depth)[..., None], SHAPE)
  found = jax.jit(normals)(depth, INTRINSICS)
  np.testing.assert_allclose(
    found, np.broadcast_to(normal, found.shape), atol=1e-3
  )
  error = normal_errors(depth, plane(EVERYWHERE), EVERYWHERE, INTRINSICS)
  angle = np.degrees(np.arccos(-normal[2]))
  np.testing.assert_allclose(error, angle, atol=0.05)


def test_normals_have_length_1_and_look_at_the_camera():
  found = normals(OTHER, INTRINSICS)
  np.testing.assert_allclose(jnp.linalg.norm(found, axis=-1), 1, atol=1e-5)
  v, u = np.mgrid[:SIZE, :SIZE]
  rays = np.stack([(u - 11.5) / FOCAL, (v - 11.5) / FOCAL, 0 * u + 1], axis=-1)
  assert jnp.all(jnp.sum(found * rays, axis=-1) < 0)


def test_a_common_scale_changes_no_normal():
  np.testing.assert_allclose(
    normals(5 * OTHER, INTRINSICS), normals(OTHER, INTRINSICS), atol=1e-4
  )


def test_a_pixel_beside_the_mask_has_no_normal_to_compare():
  bump = TRUTH.at[:, 12, 12].add(0.5)
  mask = EVERYWHERE.at[:, 12, 12].set(False)
  error = normal_errors(TRUTH, bump, mask, INTRINSICS)
  np.testing.assert_allclose(error, 0, atol=0.1)
  assert jnp.all(normal_errors(TRUTH, bump, EVERYWHERE, INTRINSICS) > 0.1)


def test_a_surface_shrunk_to_a_point_is_not_taken_for_a_right_one():
  nothing = jnp.zeros(SHAPE)
  error = normal_errors(TRUTH, nothing, EVERYWHERE, INTRINSICS)
  np.testing.assert_allclose(error, 90, atol=1e-3)


def test_an_ellipsoid_stands_in_front_of_its_rim():
  mask = disc(9, 6)
  depth = front(mask, INTRINSICS)
  half_axis = np.sqrt(9 * 6) / FOCAL
  np.testing.assert_allclose(depth.min(), 1 - half_axis, atol=0.01)
  assert jnp.all(jnp.where(disc(10, 7), 1.0, depth) == 1)
  for axis in (1, 2):
    np.testing.assert_allclose(depth, jnp.flip(depth, axis), atol=1e-5)


def test_an_ellipsoid_follows_a_mask_that_moves_and_turns():
  mask = disc(9, 5)
  depth = front(mask, INTRINSICS)
  turn = lambda a: jnp.swapaxes(a, 1, 2)
  shift = lambda a: jnp.roll(a, (2, -1), axis=(1, 2))
  for move in (turn, shift):
    np.testing.assert_allclose(
      front(move(mask), INTRINSICS), move(depth), atol=1e-4
    )


def test_the_focal_length_sets_the_relief_of_an_ellipsoid():
  mask = disc(9, 6)
  near = 1 - front(mask, INTRINSICS)
  far = 1 - front(mask, INTRINSICS.at[:, :2, :2].multiply(2.0))
  np.testing.assert_allclose(near, 2 * far, atol=1e-5)


def test_an_ellipsoid_is_a_better_answer_for_a_head_than_a_plane():
  mask = disc(9, 7)
  y, x = np.mgrid[:SIZE, :SIZE] - 11.5
  height = np.sqrt(np.maximum(1 - (x / 9) ** 2 - (y / 7) ** 2, 0.0))
  head = jnp.broadcast_to(jnp.float32(3 - 0.4 * height)[..., None], SHAPE)
  for align in (median_scaled, fitted):
    flat = align(head, plane(mask), mask)
    round_ = align(head, front(mask, INTRINSICS), mask)
    worse, better = errors(head, flat, mask), errors(head, round_, mask)
    for name in ('abs_rel', 'rmse', 'log_rmse'):
      assert jnp.all(better[name] < 0.5 * worse[name]), name
    assert jnp.all(
      normal_errors(head, round_, mask, INTRINSICS)
      < 0.5 * normal_errors(head, flat, mask, INTRINSICS)
    )


@pytest.mark.parametrize(
  'mask', [NOTHING, NOTHING.at[:, 3, 4].set(True), MASK], ids=range(3)
)
@pytest.mark.parametrize('prediction', [OTHER, jnp.ones(SHAPE), 0 * OTHER])
def test_degenerate_input_gives_numbers(mask, prediction):
  for align in (lambda t, p, m: p, median_scaled, fitted):
    aligned = align(TRUTH, prediction, mask)
    assert_finite(aligned)
    assert_finite(errors(TRUTH, aligned, mask))
    assert_finite(normal_errors(TRUTH, aligned, mask, INTRINSICS))
  depth = front(mask, INTRINSICS)
  assert jnp.all(depth > 0)
  assert_finite(depth)


def test_an_empty_mask_changes_nothing_and_has_no_errors():
  for align in (median_scaled, fitted):
    np.testing.assert_array_equal(align(TRUTH, OTHER, NOTHING), OTHER)
  for value in errors(TRUTH, OTHER, NOTHING).values():
    assert jnp.all(value == 0)
  assert jnp.all(normal_errors(TRUTH, OTHER, NOTHING, INTRINSICS) == 0)
  assert jnp.all(front(NOTHING, INTRINSICS) == 1)
