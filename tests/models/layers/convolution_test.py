import functools

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


def test_small_maps_take_another_way_to_the_same_result(monkeypatch):
  random = np.random.default_rng(0)
  x = np.float32(random.standard_normal((2, 8, 7, 5)))
  kernels = {
    size: np.float32(random.standard_normal((size, size, 5, 6))) / 10
    for size in (3, 4, 7)
  }

  def convolve_all(x, kernels):
    # All in one program: to compile each takes far longer than to run it.
    return {
      (size, stride, padding): convolve(x, kernel, padding, stride)
      for size, kernel in kernels.items()
      for stride in (1, 2)
      for padding in (0, 2)
    }

  small = jax.jit(functools.partial(convolve_all))(x, kernels)
  monkeypatch.setattr(convolution, 'SMALL_MAP', 0)
  plain = jax.jit(functools.partial(convolve_all))(x, kernels)
  for case, y in small.items():
    np.testing.assert_allclose(plain[case], y, atol=1e-5, err_msg=str(case))


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


def test_doubling_is_a_part_of_the_convolution():
  x = jax.random.normal(KEY, (2, 5, 4, 3))
  doubled, variables = Conv(6, upsampled=True).init_with_output(KEY, x)
  same = Conv(6).apply(variables, upsample_nearest(x))
  np.testing.assert_array_equal(doubled, same)


def test_what_lies_beside_joins_in_after_doubling():
  keys = jax.random.split(KEY, 2)
  x = jax.random.normal(keys[0], (1, 5, 4, 3))
  beside = jax.random.normal(keys[1], (1, 10, 8, 2))
  conv = Conv(6, edges='reflected', upsampled=True)
  y, variables = conv.init_with_output(KEY, x, beside)
  whole = jnp.concatenate([upsample_nearest(x), beside], axis=-1)
  plain = Conv(6, edges='reflected')
  np.testing.assert_array_equal(y, plain.apply(variables, whole))
