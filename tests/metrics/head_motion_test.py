import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dagan_jax.metrics.head_motion import direction_error, rotation_error

ANGLES = [0, 1e-3, 0.5, 45, 90, 179.5, 180]
RANDOM = Rotation.random(len(ANGLES), rng=0)
AXES = np.random.default_rng(1).normal(size=(len(ANGLES), 3))
AXES = AXES / np.linalg.norm(AXES, axis=1, keepdims=True)
VECTORS = jax.random.normal(jax.random.key(0), (5, 3))


def matrices(rotations: Rotation) -> jax.Array:
  return jnp.asarray(rotations.as_matrix(), jnp.float32)


def test_a_known_turn_has_its_angle_also_near_0_and_180():
  turned = RANDOM * Rotation.from_rotvec(
    AXES * np.array(ANGLES)[:, None], degrees=True
  )
  error = jax.jit(rotation_error)(matrices(RANDOM), matrices(turned))
  np.testing.assert_allclose(error, ANGLES, atol=1e-4)


def test_the_angle_does_not_depend_on_the_order_nor_on_the_frame():
  truth, prediction = RANDOM, RANDOM[::-1] * RANDOM
  error = rotation_error(matrices(truth), matrices(prediction))
  swapped = rotation_error(matrices(prediction), matrices(truth))
  np.testing.assert_allclose(swapped, error, atol=1e-3)
  frame = Rotation.random(rng=2)
  moved = rotation_error(matrices(frame * truth), matrices(frame * prediction))
  np.testing.assert_allclose(moved, error, atol=1e-3)


def test_the_length_of_a_translation_does_not_count():
  np.testing.assert_allclose(
    direction_error(VECTORS, 3 * VECTORS), 0, atol=1e-4
  )
  np.testing.assert_allclose(
    direction_error(VECTORS, -0.1 * VECTORS), 180, atol=1e-4
  )


def test_known_directions_have_their_angle():
  truth = jnp.array([[2.0, 0, 0], [0, 1, 0]])
  prediction = jnp.array([[0, 0, 0.5], [0, 3, 3]])
  error = direction_error(truth, prediction)
  np.testing.assert_allclose(error, [90, 45], atol=1e-4)


@pytest.mark.parametrize('still', ['truth', 'prediction', 'both'])
def test_a_zero_translation_scores_90(still):
  nothing = jnp.zeros_like(VECTORS)
  truth = VECTORS if still == 'prediction' else nothing
  prediction = VECTORS if still == 'truth' else nothing
  assert jnp.all(direction_error(truth, prediction) == 90)
