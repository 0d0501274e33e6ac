import jax
import jax.numpy as jnp
import numpy as np
import optax

from dagan_jax.tasks.face_depth.heads import scale_heads, slow_heads

TREE = {
  'params': {
    'encoder': {'conv': {'kernel': jnp.ones(3)}},
    'decoder': {
      'conv_0': {'kernel': jnp.ones(2)},
      'head_0': {'kernel': jnp.ones(2), 'bias': jnp.ones(1)},
    },
  }
}


def test_heads_alone_are_scaled():
  tree = scale_heads(TREE, 0.25)['params']
  for leaf in jax.tree.leaves(tree['decoder'].pop('head_0')):
    np.testing.assert_array_equal(leaf, 0.25)
  for leaf in jax.tree.leaves(tree):
    np.testing.assert_array_equal(leaf, 1)


def test_heads_learn_as_if_they_were_large_and_their_sum_was_scaled():
  """What Adam does to a kernel does not depend on how large gradients are."""
  share, x = 0.1, jnp.array([0.3, -0.2])

  def learn(optimizer, kernel, scale):
    params = {'head_0': {'kernel': kernel}}
    state = optimizer.init(params)
    for _ in range(5):
      gradient = jax.grad(
        lambda p: (scale * p['head_0']['kernel'] @ x - 1) ** 2
      )(params)
      updates, state = optimizer.update(gradient, state, params)
      params = optax.apply_updates(params, updates)
    return scale * params['head_0']['kernel']

  adam = optax.adam(0.1)
  kernel = jnp.array([0.7, 0.4])
  scaled = learn(adam, kernel, share)
  slow = learn(slow_heads(adam, share), share * kernel, 1.0)
  np.testing.assert_allclose(slow, scaled, rtol=1e-4)


def test_a_share_of_1_changes_nothing():
  adam = optax.adam(0.1)
  assert slow_heads(adam, 1.0) is adam
