import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.guides import GUIDES, guide_points
from dagan_jax.geometry.warp import identity_flow
from dagan_jax.losses.landmarks import eyes_and_mouth, flow_guidance, guidance
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
  assert guidance(guides, guides) == 0
  off = guides + jnp.array([0.2, 0.0])
  assert guidance(guides, off) == pytest.approx(0.1)


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
