import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models import blocks
from dagan_jax.models.blocks import BatchNorm, Conv, InstanceNorm

KEY = jax.random.key(0)


@pytest.mark.parametrize('size', [3, 4, 7])
@pytest.mark.parametrize('stride', [1, 2])
@pytest.mark.parametrize('padding', [0, 2])
def test_small_maps_take_another_way_to_the_same_result(
  size, stride, padding, monkeypatch
):
  x = jax.random.normal(KEY, (2, 8, 7, 5))
  conv = Conv(6, size, stride, padding)
  y, variables = conv.init_with_output(KEY, x)
  monkeypatch.setattr(blocks, 'SMALL_MAP', 0)
  np.testing.assert_allclose(conv.apply(variables, x), y, atol=1e-5)


def test_a_convolution_starts_as_pytorchs_does():
  x = jnp.ones((1, 4, 4, 32))
  params = Conv(256).init(KEY, x)['params']
  bound = 1 / np.sqrt(32 * 9)
  for array in params.values():
    assert np.abs(array).max() <= bound
    np.testing.assert_allclose(np.std(array), bound / np.sqrt(3), rtol=0.1)


def test_batch_norm_is_pytorchs_in_training_and_after():
  torch = pytest.importorskip('torch')
  x = 50 + 3 * jax.random.normal(KEY, (2, 3, 4, 5))
  y, variables = BatchNorm().init_with_output(KEY, x, train=True)
  theirs = torch.nn.BatchNorm2d(5)
  image = torch.tensor(np.array(x.transpose(0, 3, 1, 2)))
  expected = theirs(image).detach().numpy().transpose(0, 2, 3, 1)
  y, state = BatchNorm().apply(
    variables, x, train=True, mutable=['batch_stats']
  )
  np.testing.assert_allclose(y, expected, atol=1e-4)
  stats = state['batch_stats']
  np.testing.assert_allclose(stats['mean'], theirs.running_mean, rtol=1e-5)
  np.testing.assert_allclose(stats['var'], theirs.running_var, rtol=1e-5)
  calm = BatchNorm().apply({**variables, **state}, x, train=False)
  expected = theirs.eval()(image).detach().numpy().transpose(0, 2, 3, 1)
  np.testing.assert_allclose(calm, expected, rtol=1e-4)


def test_evaluation_leaves_the_statistics_alone():
  x = jax.random.normal(KEY, (2, 3, 4, 5))
  variables = BatchNorm().init(KEY, x, train=False)
  _, state = BatchNorm().apply(
    variables, x, train=False, mutable=['batch_stats']
  )
  np.testing.assert_array_equal(state['batch_stats']['mean'], 0)


def test_instance_norm_makes_every_map_standard():
  x = 50 + 3 * jax.random.normal(KEY, (2, 16, 16, 5))
  y, _ = InstanceNorm().init_with_output(KEY, x)
  np.testing.assert_allclose(jnp.mean(y, axis=(1, 2)), 0, atol=1e-4)
  np.testing.assert_allclose(jnp.std(y, axis=(1, 2)), 1, atol=1e-3)
