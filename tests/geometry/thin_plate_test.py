import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.geometry.thin_plate import (
  ThinPlate,
  random_thin_plate,
  transform_flow,
  transform_jacobians,
  transform_points,
)
from dagan_jax.geometry.warp import identity_flow

POINTS = jax.random.uniform(jax.random.key(0), (2, 5, 2), minval=-1)
KEY = jax.random.key(1)


def test_no_noise_is_the_identity():
  plate = random_thin_plate(KEY, 2, affine=0.0, bending=0.0, points=5)
  np.testing.assert_allclose(transform_points(plate, POINTS), POINTS, atol=1e-6)
  identity = np.broadcast_to(np.eye(2), (2, 5, 2, 2))
  np.testing.assert_allclose(
    transform_jacobians(plate, POINTS), identity, atol=1e-6
  )


def test_without_bending_the_warp_is_its_affine_part():
  plate = random_thin_plate(KEY, 2, affine=0.1, bending=0.0, points=5)
  expected = jnp.einsum('bij,bnj->bni', plate.affine[:, :, :2], POINTS)
  expected = expected + plate.affine[:, None, :, 2]
  np.testing.assert_allclose(
    transform_points(plate, POINTS), expected, atol=1e-6
  )


def test_jacobians_predict_small_steps():
  plate = random_thin_plate(KEY, 2, affine=0.1, bending=0.05, points=5)
  step = jnp.array([1e-3, -2e-3])
  moved = transform_points(plate, POINTS + step)
  predicted = transform_points(plate, POINTS) + jnp.einsum(
    'bnij,j->bni', transform_jacobians(plate, POINTS), step
  )
  np.testing.assert_allclose(moved, predicted, atol=2e-5)


def test_the_flow_is_the_warp_of_every_pixel():
  plate = random_thin_plate(KEY, 2, affine=0.1, bending=0.05, points=5)
  flow = transform_flow(plate, 4, 6)
  corner = jnp.broadcast_to(identity_flow(4, 6)[3, 1], (2, 1, 2))
  np.testing.assert_allclose(
    flow[:, 3, 1], transform_points(plate, corner)[:, 0], atol=1e-6
  )


def test_bending_is_finite_on_a_control_point():
  plate = ThinPlate(jnp.eye(2, 3)[None], jnp.ones((1, 9)))
  on_control = jnp.zeros((1, 1, 2))
  assert jnp.all(jnp.isfinite(transform_points(plate, on_control)))
  assert jnp.all(jnp.isfinite(transform_jacobians(plate, on_control)))
