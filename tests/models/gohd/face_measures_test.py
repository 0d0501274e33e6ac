import functools

import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.models.gohd.face_measures import (
  FEATURES,
  FaceCoefficients,
  GazeEstimator,
  expected_angle,
)


def outputs(network, size):
  """What a network gives for two pictures, without values."""
  face = jax.ShapeDtypeStruct((2, size, size, 3), jnp.float32)
  init = functools.partial(network.init_with_output, train=False)
  return jax.eval_shape(init, jax.random.key(0), face)


def test_votes_for_one_bin_are_its_angle():
  votes = 100.0 * jnp.eye(90)[jnp.array([0, 45, 89])]
  found = np.degrees(expected_angle(votes))
  np.testing.assert_allclose(found, [-180, 0, 176], atol=1e-3)


def test_votes_for_two_bins_are_the_angle_between_them():
  votes = 100.0 * (jnp.eye(90)[50] + jnp.eye(90)[60])[None]
  np.testing.assert_allclose(np.degrees(expected_angle(votes)), 40, atol=1e-3)


def test_a_face_has_257_coefficients():
  found, _ = outputs(FaceCoefficients(width=4), 224)
  assert sum(part.shape[-1] for part in found) == 257
  assert found.expression.shape == (2, 64)


def test_the_networks_that_measure_faces_are_as_large_as_published():
  for network, size, numbers in (
    (FaceCoefficients(), 224, 24_034_625),
    (GazeEstimator(), 448, 23_883_008 - 3 * 2052),  # without fc_finetune
  ):
    _, variables = outputs(network, size)
    count = sum(x.size for x in jax.tree.leaves(variables['params']))
    assert count == numbers


def test_what_the_heads_see_is_told_where_it_is_asked_for():
  for network, size in ((FaceCoefficients(4), 224), (GazeEstimator(4), 448)):
    _, variables = outputs(network, size)
    assert FEATURES not in variables
    _, told = jax.eval_shape(
      functools.partial(network.apply, train=False, mutable=[FEATURES]),
      variables,
      jax.ShapeDtypeStruct((2, size, size, 3), jnp.float32),
    )
    assert told[FEATURES]['seen'][0].shape == (2, 128)
