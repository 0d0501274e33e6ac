import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.layers import attention
from dagan_jax.models.layers.attention import (
  CrossModalAttention,
  attend,
  attention_map,
  flash_attend,
)
from tests.support.variables import random_variables

KEYS = jax.random.split(jax.random.key(0), 3)
QUERY = jax.random.normal(KEYS[0], (2, 21, 4))
KEY = jax.random.normal(KEYS[1], (2, 13, 4))
VALUE = jax.random.normal(KEYS[2], (2, 13, 6))
FUSIONS = ('depth', 'cross_modal')


def dense(query, key, value, scale=1.0):
  return attention_map(query, key, scale) @ value


def both_sides(module, depth, appearance):
  """What a CrossModalAttention says of two maps of features."""
  return module(module.geometry(depth), appearance)


@functools.cache
def compiled(module):
  return jax.jit(functools.partial(module.apply, method=both_sides))


def enhanced(module, variables, depth, appearance):
  return compiled(module)(variables, depth, appearance)


def some_features(fusion, **fields):
  """A narrow CrossModalAttention, its variables, depth and appearance."""
  module = CrossModalAttention(8, fusion, chunk=16, **fields)
  depth = jax.random.normal(KEYS[0], (2, 4, 6, 5))
  appearance = jax.random.normal(KEYS[1], (2, 4, 6, 8))
  variables = random_variables(module, depth, appearance, method=both_sides)
  return module, variables, depth, appearance


def test_chunks_change_neither_values_nor_gradients():
  chunks, scales = (1, 8, 21, 64), (1.0, 0.3)
  ways = {chunk: functools.partial(attend, chunk=chunk) for chunk in chunks}
  ways[0] = dense  # at once

  def learn(way, scale):
    def loss(*inputs):
      return jnp.sum(jnp.sin(way(*inputs, scale=scale)))

    return jax.value_and_grad(loss, (0, 1, 2))(QUERY, KEY, VALUE)

  @jax.jit
  def learn_all():
    return {
      (chunk, scale): learn(way, scale)
      for chunk, way in ways.items()
      for scale in scales
    }

  found = learn_all()
  for chunk, scale in itertools.product(chunks, scales):
    jax.tree.map(
      lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5),
      found[chunk, scale],
      found[0, scale],
    )


@pytest.mark.parametrize('scale', [1.0, 0.3])
def test_the_fused_kernel_errs_by_its_rounding_alone(scale):
  found = flash_attend(QUERY, KEY, VALUE, scale=scale, implementation='xla')
  assert found.dtype == VALUE.dtype
  expected = dense(QUERY, KEY, VALUE, scale)
  tolerance = 2e-2 * np.max(np.abs(VALUE))
  np.testing.assert_allclose(found, expected, atol=tolerance)


@pytest.mark.parametrize(
  ('features', 'fused'), [(8, True), (128, True), (12, False), (136, False)]
)
def test_the_fused_kernel_gets_only_values_it_can_take(
  features, fused, monkeypatch
):
  widths = []

  def flash(query, key, value, *, scale):
    widths.append(value.shape[-1])
    return attend(query, key, value, chunk=8, scale=scale)

  monkeypatch.setattr(attention, 'flash_attend', flash)
  monkeypatch.setattr(jax, 'default_backend', lambda: 'gpu')
  module = CrossModalAttention(features, implementation='cudnn')
  appearance = jnp.ones((1, 2, 2, features))
  jax.eval_shape(
    functools.partial(module.init, method=both_sides),
    KEYS[0],
    appearance,
    appearance,
  )
  assert widths == [features] * fused


def test_without_a_gpu_there_is_no_fused_kernel(monkeypatch):
  monkeypatch.setattr(attention, 'flash_attend', None)
  module = CrossModalAttention(8, implementation='cudnn')
  appearance = jnp.ones((1, 2, 2, 8))
  jax.eval_shape(
    functools.partial(module.init, method=both_sides),
    KEYS[0],
    appearance,
    appearance,
  )


def test_every_query_spends_all_its_attention():
  np.testing.assert_allclose(
    jnp.sum(attention_map(QUERY, KEY), axis=-1), 1, atol=1e-5
  )


@pytest.mark.parametrize('fusion', FUSIONS)
def test_the_keys_share_all_attention(fusion):
  module, variables, depth, appearance = some_features(fusion)
  _, share = enhanced(module, variables, depth, appearance)
  assert share.shape == (2, 4, 6, 1)
  assert np.all(share >= 0)
  np.testing.assert_allclose(jnp.sum(share, axis=(1, 2, 3)), 1, atol=1e-5)


@pytest.mark.parametrize('fusion', FUSIONS)
def test_shares_are_those_of_the_whole_map(fusion):
  module, variables, depth, appearance = some_features(fusion)
  (_, share), state = module.apply(
    variables, depth, appearance, method=both_sides, mutable=['intermediates']
  )
  (whole,) = state['intermediates']['map']
  assert whole.shape == (2, 24, 24)
  np.testing.assert_allclose(
    share.reshape(2, 24), jnp.mean(whole, axis=1), atol=1e-5
  )


@pytest.mark.parametrize('fusion', FUSIONS)
def test_attention_begins_by_changing_nothing(fusion):
  module, _, depth, appearance = some_features(fusion)
  init = functools.partial(module.init_with_output, method=both_sides)
  (result, _), _ = init(KEYS[2], depth, appearance)
  np.testing.assert_array_equal(result, appearance)


def test_who_asks_decides_from_whom_it_learns():
  # Values are of the one who is asked: they alone tell whose change is seen
  # when all keys are alike.
  for fusion, heard in (('depth', 'appearance'), ('cross_modal', 'depth')):
    module, variables, depth, appearance = some_features(fusion, relu=False)
    to_key = jax.tree.map(jnp.zeros_like, variables['params']['to_key'])
    variables = {'params': {**variables['params'], 'to_key': to_key}}
    found = {}
    for name, given in {
      'both': (depth, appearance),
      'depth': (depth + 1, appearance),
      'appearance': (depth, 2 * appearance),
    }.items():
      result, _ = enhanced(module, variables, *given)
      found[name] = result - given[1]
    for name in ('depth', 'appearance'):
      changed = np.max(np.abs(found[name] - found['both'])) > 1e-3
      assert changed == (name == heard)


def test_scaled_logits_are_those_of_narrower_queries():
  module, variables, depth, appearance = some_features('cross_modal', divisor=2)
  scaled = module.clone(scaled=True)
  shrunk = jax.tree.map(lambda x: x / 2, variables['params']['to_query'])
  shrunk = {'params': {**variables['params'], 'to_query': shrunk}}
  np.testing.assert_allclose(
    enhanced(scaled, variables, depth, appearance)[0],
    enhanced(module, shrunk, depth, appearance)[0],
    atol=1e-5,
  )


def test_without_gamma_all_that_is_found_counts():
  module, variables, depth, appearance = some_features('cross_modal')
  params = {
    name: x for name, x in variables['params'].items() if name != 'gamma'
  }
  without = module.clone(gamma=False)
  np.testing.assert_array_equal(
    enhanced(without, {'params': params}, depth, appearance)[0],
    enhanced(module, variables, depth, appearance)[0],
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


def test_nor_does_training_where_the_face_asks_every_pixel_of_depth():
  side, features = 64, 16
  module = CrossModalAttention(features, 'cross_modal', scaled=True)
  x = jax.ShapeDtypeStruct((1, side, side, features), np.float32)
  init = functools.partial(module.init, method=both_sides)
  variables = jax.eval_shape(init, KEYS[0], x, x)

  def loss(variables, depth, appearance):
    result, _ = module.apply(variables, depth, appearance, method=both_sides)
    return jnp.sum(result)

  compiled = jax.jit(jax.grad(loss, (0, 1, 2))).lower(variables, x, x).compile()
  memory = compiled.memory_analysis().temp_size_in_bytes
  whole_map = 4 * side**4
  assert memory < whole_map
