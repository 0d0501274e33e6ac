import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.geometry.motion import (
  Motion,
  pass_through,
  sparse_flows,
  stretching,
  transfer_motion,
)
from dagan_jax.geometry.resize import resize_bilinear
from dagan_jax.geometry.warp import identity_flow
from tests.reference import recorded


def some_keypoints(seed):
  value_key, jacobian_key = jax.random.split(jax.random.key(seed))
  jacobian = jnp.eye(2) + 0.1 * jax.random.normal(jacobian_key, (2, 4, 2, 2))
  return Keypoints(jax.random.uniform(value_key, (2, 4, 2)), jacobian)


def test_equal_keypoints_leave_the_image_where_it_is():
  keypoints = some_keypoints(0)
  flows = sparse_flows(keypoints, keypoints, size=(8, 6))
  still = np.broadcast_to(identity_flow(8, 6)[:, :, None], flows.shape)
  np.testing.assert_allclose(flows, still, atol=1e-5)


def test_the_background_proposes_to_stand_still():
  flows = sparse_flows(some_keypoints(0), some_keypoints(1), size=(8, 6))
  np.testing.assert_array_equal(flows[0, :, :, 0], identity_flow(8, 6))


def test_an_affine_movement_is_found_by_every_keypoint():
  turn = jnp.array([[0.9, 0.2], [-0.1, 1.1]])
  driving = some_keypoints(0)
  source = Keypoints(driving.value @ turn.T + 0.1, turn @ driving.jacobian)
  flows = sparse_flows(source, driving, size=(8, 6))[..., 1:, :]
  places = identity_flow(8, 6)[:, :, None]
  expected = np.broadcast_to(places @ turn.T + 0.1, flows.shape)
  np.testing.assert_allclose(flows, expected, atol=1e-5)


@pytest.mark.parametrize('adapt', [False, True])
def test_relative_motion_is_the_original(adapt):
  file = recorded.arrays('transfer')
  source, driving, initial = (
    Keypoints(file[f'{who}_value'], file[f'{who}_jacobian'])
    for who in ('source', 'driving', 'initial')
  )
  areas = [hull_area(k.value[0]) for k in (source, initial)]
  scale = (areas[0] / areas[1]) ** 0.5 if adapt else 1.0
  moved = transfer_motion(source, driving, initial, scale)
  suffix = f'rel1_adapt{int(adapt)}'
  np.testing.assert_allclose(moved.value, file[f'value_{suffix}'], atol=1e-5)
  np.testing.assert_allclose(
    moved.jacobian, file[f'jacobian_{suffix}'], atol=1e-4
  )


def test_a_driver_that_does_not_move_leaves_the_source_alone():
  source, driving = some_keypoints(0), some_keypoints(1)
  moved = transfer_motion(source, driving, driving, 1.7)
  np.testing.assert_allclose(moved.value, source.value, atol=1e-6)
  np.testing.assert_allclose(moved.jacobian, source.jacobian, atol=1e-5)


def test_what_is_hidden_is_told_at_its_own_size_where_it_was_found():
  found, *more = (
    jax.random.uniform(jax.random.key(size), (1, size, size, 1))
    for size in (8, 16, 4)
  )
  flow, masks = jnp.zeros((1, 8, 8, 2)), jnp.zeros((1, 8, 8, 3))
  motion = Motion(flow, found, masks, tuple(more))
  for occlusion in (found, *more):
    size = occlusion.shape[1]
    np.testing.assert_array_equal(motion.occlusion_at(size, size), occlusion)
  np.testing.assert_array_equal(
    motion.occlusion_at(32, 32), resize_bilinear(found, 32, 32)
  )
  np.testing.assert_array_equal(
    Motion(flow, found, masks).occlusion_at(16, 16),
    resize_bilinear(found, 16, 16),
  )


SIZE = 33  # pixels; a share of 1/16 of the sides is a pixel
STILL = jnp.broadcast_to(identity_flow(SIZE, SIZE), (1, SIZE, SIZE, 2))


def pixel(flow, point):
  """Where the pixel at a point looks."""
  column, row = np.rint((np.asarray(point) + 1) * (SIZE - 1) / 2).astype(int)
  return flow[0, row, column]


def test_a_flow_passes_through_its_points_and_is_left_alone_elsewhere():
  driving = jnp.array([[[0.0, 0.25], [0.5, -0.5]]])
  source = driving + jnp.array([[[0.05, -0.1], [-0.05, 0.08]]])
  flow = pass_through(STILL, source, driving)
  for there, here in zip(source[0], driving[0], strict=True):
    np.testing.assert_allclose(pixel(flow, here), there, atol=1e-6)
  away = jnp.array([-0.75, 0.75])
  np.testing.assert_allclose(pixel(flow, away), away, atol=1e-6)


def test_points_that_a_flow_meets_already_change_nothing():
  driving = jnp.array([[[0.01, 0.23], [0.02, 0.2], [0.5, -0.5]]])
  flow = pass_through(STILL + 0.1, driving + 0.1, driving)
  np.testing.assert_allclose(flow, STILL + 0.1, atol=1e-6)


def test_lips_part_by_what_their_points_do():
  # Closed in the source, two pixels of 33 apart in the driving frame.
  upper, lower = jnp.array([0.0, -1 / 16]), jnp.array([0.0, 1 / 16])
  flow = pass_through(
    STILL, jnp.zeros((1, 2, 2)), jnp.stack([upper, lower])[None]
  )
  np.testing.assert_allclose(pixel(flow, upper), 0, atol=0.005)
  np.testing.assert_allclose(pixel(flow, lower), 0, atol=0.005)


def test_points_that_are_misfound_bend_no_flow():
  driving = jnp.zeros((1, 1, 2))
  flow = pass_through(STILL, driving + 0.5, driving)
  np.testing.assert_array_equal(flow, STILL)


def test_points_at_one_place_are_met_in_the_mean():
  driving = jnp.zeros((1, 2, 2))
  source = jnp.array([[[0.02, 0.0], [0.06, 0.04]]])
  flow = pass_through(STILL, source, driving)
  np.testing.assert_allclose(pixel(flow, jnp.zeros(2)), [0.04, 0.02], atol=1e-6)


def test_lids_that_shut_cover_what_was_between_them():
  # Four pixels of 33 apart in the source, at one place in the driving frame.
  eye = jnp.array([[[0.0, -1 / 8], [0.0, 1 / 8]]]) * 0.4
  shut = jnp.zeros((1, 2, 2))
  flow = pass_through(STILL, eye, shut, [(0, 1)])
  beside = 1 / 16  # a pixel
  above, below = (pixel(flow, (0.0, side * beside))[1] for side in (-1, 1))
  assert above < eye[0, 0, 1] - 0.3 * beside  # what is above the upper lid
  assert below > eye[0, 1, 1] + 0.3 * beside
  without = pass_through(STILL, eye, shut)
  assert abs(pixel(without, (0.0, -beside))[1]) < 1.1 * beside


@pytest.mark.parametrize('gap', [-0.02, 0.0, 0.01, 0.03])
def test_edges_that_part_move_as_any_points_do(gap):
  shut = jnp.array([[[0.0, -gap / 2], [0.01, gap / 2]]])
  parted = jnp.array([[[0.0, -1 / 16], [0.0, 1 / 16]]])
  np.testing.assert_array_equal(
    pass_through(STILL, shut, parted, [(0, 1)]),
    pass_through(STILL, shut, parted),
  )


def test_shut_edges_that_stay_shut_leave_no_seam():
  shut = jnp.array([[[0.0, 0.002], [0.0, -0.002]]])
  flow = pass_through(STILL, shut + 0.03, shut[:, ::-1], [(0, 1)])
  np.testing.assert_allclose(
    flow, pass_through(STILL, shut + 0.03, shut[:, ::-1]), atol=0.005
  )


def test_a_flow_that_is_not_bent_still_sees_all():
  moved = 1.3 * STILL + 0.2
  np.testing.assert_allclose(stretching(moved, moved), 1, atol=1e-5)
  np.testing.assert_allclose(stretching(STILL, moved), 1, atol=1e-5)
  for width in (-0.5, 0.0, 0.05):  # folded, or as good as folded, of itself
    folded = STILL * jnp.array([width, 1.0])
    np.testing.assert_allclose(stretching(folded, folded), 1, atol=1e-5)


def test_what_stretches_uncovers_as_much_as_it_is_larger():
  larger = STILL * jnp.array([0.5, 1.0])
  np.testing.assert_allclose(stretching(STILL, larger), 0.5, atol=1e-4)


def test_between_parting_lips_lies_what_was_hidden():
  lips = jnp.array([[[0.0, -1 / 16], [0.0, 1 / 16]]])
  bent = pass_through(STILL, jnp.zeros((1, 2, 2)), lips)
  seen = np.asarray(stretching(STILL, bent))[0, ..., 0]
  middle = SIZE // 2
  assert seen[middle, middle] < 0.5
  assert seen[middle, 2] > 0.99
