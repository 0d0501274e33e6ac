import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.inference.fast_convolution import (
  Weights,
  apply,
  plan_forms,
  prepare,
)
from dagan_jax.models.layers.convolution import Conv

KEY = jax.random.key(0)


def convolve_both_ways(conv: Conv, *inputs):
  """What it gives plainly and with fast weights, and the shapes of these."""
  plain, variables = conv.init_with_output(KEY, *inputs)
  plans, expected = plan_forms(conv, *inputs)
  assert jax.tree.map(jnp.shape, variables) == jax.tree.map(jnp.shape, expected)
  fast = prepare(plans, variables)
  made = apply(conv, Weights(variables, fast), *inputs)
  return plain, made, jax.tree.map(jnp.shape, [*fast.values()])


@pytest.mark.parametrize('edges', ['zeros', 'reflected'])
@pytest.mark.parametrize('shape', [(2, 5, 4, 3), (1, 1, 2, 3), (1, 16, 9, 3)])
def test_phases_convolve_what_is_doubled(edges, shape):
  x = jax.random.normal(KEY, shape)
  conv = Conv(6, edges=edges, upsampled=True)
  plain, fast, shapes = convolve_both_ways(conv, x)
  assert shapes == [((2, 2, 3, 24), None)]
  assert fast.shape == (shape[0], 2 * shape[1], 2 * shape[2], 6)
  np.testing.assert_allclose(fast, plain, atol=1e-5)


@pytest.mark.parametrize('edges', ['zeros', 'reflected'])
@pytest.mark.parametrize('side', [32, 38])
def test_winograds_form_is_the_same_convolution(edges, side):
  x = jax.random.normal(KEY, (2, side, side + 1, 64))
  plain, fast, shapes = convolve_both_ways(Conv(70, edges=edges), x)
  assert shapes == [((6, 6, 64, 70), None)]
  np.testing.assert_allclose(fast, plain, atol=1e-4)


@pytest.mark.parametrize(
  'features, is_small', [(32, True), (128, True), (160, False)]
)
def test_on_small_maps_winograds_form_is_for_small_kernels(features, is_small):
  x = jax.random.normal(KEY, (1, 16, 17, 128))
  plain, fast, shapes = convolve_both_ways(Conv(features), x)
  assert shapes == ([((6, 6, 128, features), None)] if is_small else [])
  np.testing.assert_allclose(fast, plain, atol=1e-4)


@pytest.mark.parametrize('width', [8, 64])
def test_what_lies_beside_joins_in(width):
  small = jax.random.normal(KEY, (1, 16, 16, 5))
  beside = jax.random.normal(KEY, (1, 32, 32, width))
  conv = Conv(64, edges='reflected', upsampled=True)
  plain, fast, shapes = convolve_both_ways(conv, small, beside)
  of_beside = (6, 6, 64, 64) if width == 64 else None
  assert shapes == [((2, 2, 5, 256), of_beside)]
  np.testing.assert_allclose(fast, plain, atol=1e-4)


@pytest.mark.parametrize(
  'conv',
  [
    Conv(6, 7),
    Conv(6, 7, padding=0, edges='reflected'),
    Conv(64, 5, stride=2),
    Conv(6, edges='reflected'),
  ],
)
def test_ragged_features_are_filled_up_with_zeros(conv):
  x = jax.random.normal(KEY, (1, 32, 33, 19))
  plain, fast, shapes = convolve_both_ways(conv, x)
  assert shapes == [((conv.size, conv.size, 20, conv.features), None)]
  np.testing.assert_allclose(fast, plain, atol=1e-5)


@pytest.mark.parametrize('channels, side', [(3, 32), (20, 32), (19, 8)])
def test_whole_lanes_few_features_and_small_maps_are_not_filled(channels, side):
  x = jax.random.normal(KEY, (1, side, side, channels))
  plain, fast, shapes = convolve_both_ways(Conv(6), x)
  assert not shapes
  np.testing.assert_array_equal(fast, plain)


def test_ragged_features_beside_a_map_are_filled_up_too():
  small = jax.random.normal(KEY, (1, 16, 16, 5))
  beside = jax.random.normal(KEY, (1, 32, 32, 9))
  conv = Conv(6, upsampled=True)
  plain, fast, shapes = convolve_both_ways(conv, small, beside)
  assert shapes == [((2, 2, 5, 24), (3, 3, 12, 6))]
  np.testing.assert_allclose(fast, plain, atol=1e-5)


def test_weights_of_some_networks_are_theirs_alone():
  variables = {
    'params': {'motion': {'kernel': 1}, 'depth': {'kernel': 2}},
    'batch_stats': {'depth': {'mean': 3}},
  }
  fast = {'motion/conv': (4, None), 'motions/conv': (5, None)}
  assert Weights(variables, fast).narrow('motion', 'detector') == Weights(
    {'params': {'motion': {'kernel': 1}}, 'batch_stats': {}},
    {'motion/conv': (4, None)},
  )


@pytest.mark.parametrize('conv', [Conv(64, 7), Conv(64, stride=2), Conv(8)])
def test_other_convolutions_stay_plain(conv):
  x = jax.random.normal(KEY, (1, 32, 32, 64))
  plain, fast, shapes = convolve_both_ways(conv, x)
  assert not shapes
  np.testing.assert_array_equal(fast, plain)


@pytest.mark.parametrize('fast', [False, True])
def test_a_kernel_in_half_precision_computes_in_it(fast):
  x = jax.random.normal(KEY, (1, 32, 32, 32))
  conv = Conv(32, upsampled=True)
  plain, variables = conv.init_with_output(KEY, x)
  weights = Weights(
    variables, prepare(plan_forms(conv, x)[0], variables) if fast else {}
  )
  weights = jax.tree.map(lambda x: x.astype(jnp.bfloat16), weights)
  made = apply(conv, weights, x)
  assert made.dtype == jnp.bfloat16
  np.testing.assert_allclose(made.astype(float), plain, atol=0.05)
