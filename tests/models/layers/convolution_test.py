import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.resize import upsample_nearest
from dagan_jax.models.layers import convolution
from dagan_jax.models.layers.convolution import (
  Conv,
  convolve,
)

KEY = jax.random.key(0)


def prepared(conv: Conv, *given) -> tuple[jax.Array, dict, jax.Array]:
  """What it gives plainly, its fast weights, and what it gives with these."""
  plain, variables = conv.init_with_output(KEY, *given)
  assert set(variables) == {'params'}
  _, made = conv.apply(variables, *given, mutable=['prepared'])
  return plain, made, conv.apply({**variables, **made}, *given)


@pytest.mark.parametrize('size', [3, 4, 7])
@pytest.mark.parametrize('stride', [1, 2])
@pytest.mark.parametrize('padding', [0, 2])
def test_small_maps_take_another_way_to_the_same_result(
  size, stride, padding, monkeypatch
):
  x = jax.random.normal(KEY, (2, 8, 7, 5))
  conv = Conv(6, size, stride, padding)
  y, variables = conv.init_with_output(KEY, x)
  monkeypatch.setattr(convolution, 'SMALL_MAP', 0)
  np.testing.assert_allclose(conv.apply(variables, x), y, atol=1e-5)


def test_a_convolution_starts_as_pytorchs_does():
  x = jnp.ones((1, 4, 4, 32))
  params = Conv(256).init(KEY, x)['params']
  bound = 1 / np.sqrt(32 * 9)
  for array in params.values():
    assert np.abs(array).max() <= bound
    np.testing.assert_allclose(np.std(array), bound / np.sqrt(3), rtol=0.1)


@pytest.mark.parametrize('side', [4, 12])
def test_a_kernel_that_is_one_at_its_centre_changes_nothing(side):
  x = jax.random.normal(KEY, (2, side, side, 3))
  kernel = jnp.zeros((3, 3, 3, 3)).at[1, 1].set(jnp.eye(3))
  np.testing.assert_allclose(convolve(x, kernel, 1), x, atol=1e-5)


@pytest.mark.parametrize('edges', ['zeros', 'reflected'])
@pytest.mark.parametrize('shape', [(2, 5, 4, 3), (1, 1, 2, 3), (1, 16, 9, 3)])
def test_phases_convolve_what_is_doubled(edges, shape):
  x = jax.random.normal(KEY, shape)
  plain, made, fast = prepared(Conv(6, edges=edges, upsampled=True), x)
  assert made['prepared']['weights'].shape == (2, 2, 3, 24)
  assert fast.shape == (shape[0], 2 * shape[1], 2 * shape[2], 6)
  np.testing.assert_allclose(fast, plain, atol=1e-5)


def test_doubling_is_a_part_of_the_convolution():
  x = jax.random.normal(KEY, (2, 5, 4, 3))
  doubled, variables = Conv(6, upsampled=True).init_with_output(KEY, x)
  same = Conv(6).apply(variables, upsample_nearest(x))
  np.testing.assert_array_equal(doubled, same)


@pytest.mark.parametrize('edges', ['zeros', 'reflected'])
@pytest.mark.parametrize('side', [32, 38])
def test_winograds_form_is_the_same_convolution(edges, side):
  x = jax.random.normal(KEY, (2, side, side + 1, 64))
  plain, made, fast = prepared(Conv(70, edges=edges), x)
  assert made['prepared']['weights'].shape == (6, 6, 64, 70)
  np.testing.assert_allclose(fast, plain, atol=1e-4)


@pytest.mark.parametrize('width', [8, 64])
def test_what_lies_beside_joins_in(width):
  small = jax.random.normal(KEY, (1, 16, 16, 5))
  beside = jax.random.normal(KEY, (1, 32, 32, width))
  plain, made, fast = prepared(
    Conv(64, edges='reflected', upsampled=True), small, beside
  )
  assert ('weights_beside' in made['prepared']) == (width == 64)
  np.testing.assert_allclose(fast, plain, atol=1e-4)


@pytest.mark.parametrize('conv', [Conv(64, 7), Conv(64, stride=2), Conv(8)])
def test_other_convolutions_stay_plain(conv):
  _, made, _ = prepared(conv, jax.random.normal(KEY, (1, 32, 32, 64)))
  assert not made.get('prepared')
