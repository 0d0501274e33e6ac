import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.losses.equivariance import (
  equivariance_jacobian,
  equivariance_value,
)

JACOBIAN = jnp.eye(2) + 0.2 * jax.random.normal(jax.random.key(0), (2, 4, 2, 2))


def test_points_that_came_back_cost_nothing():
  points = jax.random.normal(jax.random.key(1), (2, 4, 2))
  assert equivariance_value(points, points) == 0
  np.testing.assert_allclose(
    equivariance_value(points, points + 0.1), 0.1, atol=1e-6
  )


def test_jacobians_that_came_back_cost_nothing():
  np.testing.assert_allclose(
    equivariance_jacobian(JACOBIAN, JACOBIAN), 0, atol=1e-5
  )


def test_shrinking_all_jacobians_does_not_help():
  other = JACOBIAN @ jnp.array([[1.0, 0.3], [0.0, 1.0]])
  np.testing.assert_allclose(
    equivariance_jacobian(JACOBIAN, other),
    equivariance_jacobian(0.1 * JACOBIAN, 0.1 * other),
    rtol=1e-4,
  )
