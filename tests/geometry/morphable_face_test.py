"""Faces as sums of shapes: laws that hold for any of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.morphable_face import (
  MIDDLE,
  MorphableFace,
  build_mesh,
  eye_motion,
  find_landmarks,
  head_rotation,
  landmarks_alone,
  lip_opening,
  move_head,
  project,
)

VERTICES, IDENTITIES, EXPRESSIONS = 90, 3, 4
RNG = np.random.default_rng(0)
FACE = MorphableFace(
  *(
    RNG.normal(size=(*shape, VERTICES, 3)).astype(np.float32)
    for shape in ((), (IDENTITIES,), (EXPRESSIONS,))
  ),
  landmarks=RNG.permutation(VERTICES)[:68],
)
REST = jnp.zeros(EXPRESSIONS)
WEIGHTS = jnp.asarray(RNG.normal(size=(2, EXPRESSIONS)), jnp.float32)
WHO = jnp.asarray(RNG.normal(size=(2, IDENTITIES)), jnp.float32)


def test_zero_coefficients_give_the_neutral_mean():
  np.testing.assert_array_equal(build_mesh(FACE, REST), FACE.mean)
  nobody = jnp.zeros(IDENTITIES)
  np.testing.assert_array_equal(build_mesh(FACE, REST, nobody), FACE.mean)


def test_a_mesh_is_linear_in_its_coefficients():
  away = lambda weights: build_mesh(FACE, weights, 2 * WHO) - FACE.mean
  both = (away(WEIGHTS) + away(0 * WEIGHTS)) / 2
  half = build_mesh(FACE, WEIGHTS / 2, 2 * WHO) - FACE.mean
  np.testing.assert_allclose(both, half, atol=1e-5)


def test_landmarks_are_vertices_of_the_mesh():
  mesh = build_mesh(FACE, WEIGHTS, WHO)
  marks = find_landmarks(FACE, WEIGHTS, WHO)
  np.testing.assert_allclose(marks, mesh[:, FACE.landmarks], atol=1e-6)


def test_a_pose_turns_about_x_first_and_shifts_last():
  quarter = np.pi / 2
  x, y, z = jnp.eye(3)
  angles = quarter * jnp.array([x, y, z])
  after = [head_rotation(a) @ v for a, v in zip(angles, (y, z, x), strict=True)]
  np.testing.assert_allclose(after, [z, x, y], atol=1e-6)
  both = head_rotation(angles[0] + angles[1])
  apart = head_rotation(angles[1]) @ head_rotation(angles[0])
  np.testing.assert_allclose(both, apart, atol=1e-6)
  pose = jnp.array([*angles[0], 1, 2, 3])
  moved = move_head(y[None], pose)
  np.testing.assert_allclose(moved, [[1, 2, 4]], atol=1e-6)


def test_a_posed_face_keeps_its_distances():
  pose = jnp.asarray(RNG.normal(size=(2, 6)), jnp.float32)
  still, moved = (find_landmarks(FACE, WEIGHTS, WHO, p) for p in (None, pose))
  lengths = (
    np.linalg.norm(points[:, 1:] - points[:, :1], axis=-1)
    for points in (still, moved)
  )
  np.testing.assert_allclose(*lengths, rtol=1e-5)


def test_the_middle_is_seen_in_the_middle_and_what_is_near_is_large():
  points = jnp.array([[0.0, 0, 1], [1, 0, 0], [1, 0, 1]])
  seen = project(points)
  np.testing.assert_allclose(seen[0], MIDDLE)
  assert seen[2, 0] > seen[1, 0] > MIDDLE


def test_at_rest_eyes_have_their_usual_height_and_brows_stay():
  np.testing.assert_allclose(eye_motion(FACE, REST), [1.0] + 20 * [0.0])
  assert eye_motion(FACE, WEIGHTS).shape == (2, 21)


@pytest.mark.parametrize('part', [slice(0, 1), slice(1, 21)])
def test_eye_motion_has_gradients(part):
  slope = jax.grad(lambda w: jnp.sum(eye_motion(FACE, w)[part] ** 2))
  assert np.isfinite(slope(WEIGHTS[0])).all()
  assert np.abs(slope(WEIGHTS[0])).max() > 0


def test_lips_are_as_far_apart_as_the_lower_one_is_let_down():
  rest = jnp.zeros((68, 3))
  opened = rest.at[jnp.array([65, 66, 67]), 1].set(-0.2)
  np.testing.assert_allclose(lip_opening(opened), 0.2, rtol=1e-6)
  np.testing.assert_allclose(lip_opening(opened + 5), 0.2, rtol=1e-5)


def test_landmarks_alone_are_those_of_the_whole_face():
  few = landmarks_alone(
    jnp.asarray(FACE.mean[FACE.landmarks]),
    jnp.asarray(FACE.expression[:, FACE.landmarks]),
  )
  np.testing.assert_allclose(
    find_landmarks(few, WEIGHTS), find_landmarks(FACE, WEIGHTS), atol=1e-5
  )
