import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.attention import attend, attention_map

KEYS = jax.random.split(jax.random.key(0), 3)
QUERY = jax.random.normal(KEYS[0], (2, 21, 4))
KEY = jax.random.normal(KEYS[1], (2, 13, 4))
VALUE = jax.random.normal(KEYS[2], (2, 13, 6))


def dense(query, key, value):
  return attention_map(query, key) @ value


@pytest.mark.parametrize('chunk', [1, 8, 21, 64])
def test_chunks_change_neither_values_nor_gradients(chunk):
  def total(function):
    def loss(*inputs):
      return jnp.sum(jnp.sin(function(*inputs)))

    return jax.value_and_grad(loss, (0, 1, 2))(QUERY, KEY, VALUE)

  def chunked(*inputs):
    return attend(*inputs, chunk=chunk)

  jax.tree.map(
    lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5),
    total(chunked),
    total(dense),
  )


def test_every_query_spends_all_its_attention():
  np.testing.assert_allclose(
    jnp.sum(attention_map(QUERY, KEY), axis=-1), 1, atol=1e-5
  )


def test_training_never_holds_the_whole_map():
  count = 4096
  query = jnp.ones((1, count, 32))
  value = jnp.ones((1, count, 256))

  def loss(query, key, value):
    return jnp.sum(attend(query, key, value, chunk=512))

  compiled = jax.jit(jax.grad(loss, (0, 1, 2))).lower(query, query, value)
  memory = compiled.compile().memory_analysis().temp_size_in_bytes
  whole_map = 4 * count * count
  assert memory < whole_map
