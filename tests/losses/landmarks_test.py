import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.guides import GUIDES, guide_points
from dagan_jax.geometry.warp import identity_flow
from dagan_jax.losses.landmarks import (
  eyes_and_mouth,
  flow_guidance,
  guidance,
  inner_mouth,
  lids_and_lips,
)
from data_pipelines.synthetic import rendered_faces

UNKNOWN = jnp.full((1, 68, 2), jnp.nan)
ANYWHERE = jax.random.uniform(jax.random.key(0), (2, 68, 2))


def test_guides_of_a_rendered_face_are_lids_and_lips():
  size = 64
  landmarks = rendered_faces.landmarks(1, 0.0, size)[None] / size
  guides = np.asarray(guide_points(jnp.asarray(landmarks), size))[0]
  up, low = guides[[0, 2, 4], 1], guides[[1, 3, 5], 1]
  assert (up <= low).all()  # upper lids and lip above the lower ones
  assert guides[0, 0] < guides[2, 0]  # the picture's left eye, then the right
  assert guides[6, 0] < guides[4, 0] < guides[7, 0]  # corners beside the lip


def test_guides_are_in_the_coordinates_of_keypoints():
  # Shares count from edge to edge, keypoints between the outer pixels' middles.
  size = 10
  middle_of_first = jnp.full((1, 68, 2), 0.5 / size)
  guides = guide_points(middle_of_first, size)
  np.testing.assert_allclose(guides, -1, atol=1e-6)
  np.testing.assert_allclose(guide_points(1 - middle_of_first, size), 1)


def test_points_at_their_guides_cost_nothing_and_others_their_distance():
  guides = guide_points(ANYWHERE, 64)
  guides = guides.at[:, :4, 1].set(
    jnp.array([-0.5, 0.5, -0.5, 0.5])
  )  # open eyes
  assert guidance(guides, guides) == 0
  off = guides + jnp.array([0.2, 0.0])
  assert guidance(guides, off) == pytest.approx(0.1)


def test_lids_count_more_when_they_are_shut():
  lids = jnp.array([[-0.3, 0.0], [-0.3, 0.1], [0.3, 0.0], [0.3, 0.1]])
  opened = jnp.concatenate([lids, jnp.full((len(GUIDES) - 4, 2), 0.5)])[None]
  shut = opened.at[:, 1, 1].set(0.0)
  off = jnp.zeros_like(opened).at[:, 0, 1].set(0.1)
  ordinary = guidance(opened, opened + off)
  assert ordinary == pytest.approx(0.1 / 2 / len(GUIDES))
  assert guidance(shut, shut + off) == pytest.approx(10 * ordinary)
  other_eye = off[:, jnp.array([2, 3, 0, 1, *range(4, len(GUIDES))])]
  assert guidance(shut, shut + other_eye) == pytest.approx(ordinary)


def test_a_flow_that_looks_at_the_same_landmarks_costs_nothing():
  size, shift = 20, jnp.array([3.0, -2.0])  # pixels
  flow = jnp.broadcast_to(identity_flow(size, size), (2, size, size, 2))
  inside = 0.3 + 0.4 * ANYWHERE
  moved = inside + shift / size
  assert flow_guidance(flow + 2 * shift / (size - 1), moved, inside) < 1e-6
  still = flow_guidance(flow, moved, inside)
  assert still == pytest.approx(2 * 2.5 / (size - 1), rel=1e-4)


def test_the_outline_of_the_jaw_guides_no_flow():
  flow = jnp.broadcast_to(identity_flow(16, 16), (2, 16, 16, 2))
  moved = ANYWHERE.at[:, :17].add(0.3)
  assert flow_guidance(flow, moved, ANYWHERE) == (
    flow_guidance(flow, ANYWHERE, ANYWHERE)
  )


def test_unknown_landmarks_guide_no_flow():
  flow = jnp.zeros((1, 16, 16, 2))
  known = ANYWHERE[:1]
  for pair in ((UNKNOWN, known), (known, UNKNOWN)):
    loss, gradient = jax.value_and_grad(
      lambda x, pair=pair: flow_guidance(x, *pair)
    )(flow)
    assert loss == 0
    assert not gradient.any()


def test_unknown_landmarks_teach_nothing():
  guides = guide_points(UNKNOWN, 64)
  points = jnp.zeros((1, len(GUIDES), 2))
  loss, gradient = jax.value_and_grad(lambda p: guidance(guides, p))(points)
  assert loss == 0
  assert not gradient.any()
  assert eyes_and_mouth(guides, 16, 16).max() == 0


def test_eyes_and_mouth_are_marked_and_the_corners_are_not():
  landmarks = rendered_faces.landmarks(1, 0.0, 64)[None] / 64
  guides = guide_points(jnp.asarray(landmarks), 64)
  marked = np.asarray(eyes_and_mouth(guides, 64, 64))[0, ..., 0]
  for x, y in np.asarray((guides[0] + 1) / 2 * 63).round().astype(int):
    assert marked[y, x] > 0.9
  assert marked[0, 0] < 0.01
  assert 0.01 < marked.mean() < 0.3


def test_what_lies_between_the_inner_lips_is_marked():
  landmarks = np.full((3, 68, 2), 0.5, np.float32)
  # A diamond from 10 to 30 across and from 16 to 24 down, of a picture of 40
  # by 32; lips that touch; a face that was not found.
  corners = [(10, 20), (20, 16), (30, 20), (20, 24)]
  between = np.mean([corners, np.roll(corners, -1, 0)], axis=0)
  outline = np.stack([corners, between], axis=1).reshape(8, 2)
  landmarks[0, 60:] = outline / (40, 32)
  landmarks[1, 60:, 0] = landmarks[0, 60:, 0]
  landmarks[2] = np.nan
  marked = np.asarray(inner_mouth(jnp.asarray(landmarks), 32, 40))[..., 0]
  y, x = np.mgrid[:32, :40] + 0.5
  inside = np.abs(x - 20) / 10 + np.abs(y - 20) / 4 < 1
  np.testing.assert_array_equal(marked[0], inside)
  assert inside.sum() == 80
  assert not marked[1:].any()


def test_mouths_count_by_how_far_they_open_and_eyes_by_how_far_they_shut():
  shut = np.full((4, 68, 2), 0.25, np.float32)
  outline = [(0, 1), (0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2)]
  half, wide = shut.copy(), shut.copy()
  half[:, 60:] = np.array(outline) / (4, 8)
  wide[:, 60:] = np.array(outline) / (4, 4)
  source = np.stack([shut[0], half[0], wide[0], np.nan * shut[0]])
  source, driving = jnp.asarray(source), jnp.asarray(wide)
  marked = np.asarray(lids_and_lips(source, driving, 16, 16))
  np.testing.assert_allclose(marked.max((1, 2, 3)), [0.5, 0.25, 0, 0])
  eyes = driving.at[:, 36:42, 0].set(0.7).at[:, 37, 1].set(0.15)
  marked = np.asarray(lids_and_lips(eyes, eyes.at[:, 37, 1].set(0.2), 64, 64))
  row, column = np.unravel_index(marked[0].argmax(), (64, 64))
  assert marked.max() == pytest.approx(0.05, rel=0.1)
  assert (row, column) == (15, 44)  # the middle of the eye
  assert not np.asarray(lids_and_lips(eyes, eyes, 64, 64)).any()
