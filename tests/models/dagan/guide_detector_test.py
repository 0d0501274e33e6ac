import jax
import jax.numpy as jnp
import numpy as np
import optax

from dagan_jax.geometry.guides import GUIDES
from dagan_jax.models.dagan.guide_detector import GuideDetector

TINY = GuideDetector(4, 8, 2, size=16, temperature=0.1, frame=16)


def dots(places):
  """Pictures of 16 x 16 pixels, white at (column, row) and else black."""
  pictures = np.zeros((len(places), 16, 16, 3), np.float32)
  for picture, (column, row) in zip(pictures, places, strict=True):
    picture[row, column] = 1
  return jnp.asarray(pictures)


def test_points_have_jacobians_that_turn_and_stretch_nothing():
  found, _ = TINY.init_with_output(
    jax.random.key(1), dots([(3, 4), (9, 9)]), train=False
  )
  assert found.value.shape == (2, len(GUIDES), 2)
  np.testing.assert_array_equal(
    found.jacobian, np.broadcast_to(np.eye(2), (2, len(GUIDES), 2, 2))
  )
  assert (np.abs(found.value) <= 1).all()


def test_a_place_means_the_same_at_the_edge_and_in_the_middle():
  places = np.array([(2, 2), (7, 3), (13, 13), (4, 11), (12, 5), (8, 8)])
  pictures, true = dots(places), places / 7.5 - 1
  variables = TINY.init(jax.random.key(2), pictures, train=False)
  optimizer = optax.adam(2e-2)

  def loss(params):
    found, _ = TINY.apply(
      {**variables, 'params': params},
      pictures,
      train=True,
      mutable=['batch_stats'],
    )
    return jnp.mean(jnp.abs(found.value - true[:, None]))

  @jax.jit
  def step(params, state):
    value, gradient = jax.value_and_grad(loss)(params)
    updates, state = optimizer.update(gradient, state)
    return optax.apply_updates(params, updates), state, value

  params, state = variables['params'], optimizer.init(variables['params'])
  for _ in range(150):
    params, state, value = step(params, state)
  assert value < 0.05  # a third of a pixel
