import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.losses.keypoints import keypoint_distance

FAR = jnp.array([[[-0.9, 0.0], [0.0, 0.0], [0.9, 0.0]]])
NEAR = jnp.array([[[-0.9, 0.0], [0.85, 0.0], [0.9, 0.0]]])


@pytest.mark.parametrize('form', ['sign', 'hinge'])
def test_points_far_apart_cost_nothing(form):
  assert keypoint_distance(FAR, threshold=0.2, form=form) == 0


def test_the_published_form_counts_near_pairs():
  # Two ordered pairs of nine are near, and each costs 2.
  loss = keypoint_distance(NEAR, threshold=0.2, form='sign')
  np.testing.assert_allclose(loss, 4 / 9, rtol=1e-6)


def test_the_hinge_is_the_mean_shortfall():
  # 0.15 short, in two of six ordered pairs.
  loss = keypoint_distance(NEAR, threshold=0.2, form='hinge')
  np.testing.assert_allclose(loss, 0.15 / 3, rtol=1e-4)


def test_only_the_hinge_pushes():
  def gradient(form):
    return jax.grad(lambda p: keypoint_distance(p, threshold=0.2, form=form))(
      NEAR
    )

  assert jnp.all(gradient('sign') == 0)
  push = gradient('hinge')[0, :, 0]
  assert push[0] == 0  # far from both
  assert push[1] > 0  # downhill: away from its neighbour
  assert push[2] < 0


def test_coinciding_points_have_finite_gradients():
  points = jnp.zeros((1, 3, 2))
  gradient = jax.grad(
    lambda p: keypoint_distance(p, threshold=0.2, form='hinge')
  )(points)
  assert jnp.all(jnp.isfinite(gradient))
