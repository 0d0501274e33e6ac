import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.layers.blocks import (
  BatchNorm,
  DownBlock,
  average_pool,
  standardise,
)
from tests.support.variables import random_variables

KEY = jax.random.key(0)


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


def test_standard_features_have_mean_0_and_deviation_1():
  x = 50 + 3 * jax.random.normal(KEY, (2, 16, 16, 5))
  y = standardise(x)
  np.testing.assert_allclose(jnp.mean(y, axis=(1, 2)), 0, atol=1e-4)
  np.testing.assert_allclose(jnp.std(y, axis=(1, 2)), 1, atol=1e-3)


def test_standardising_forgets_scale_and_offset():
  x = jax.random.normal(KEY, (2, 6, 5, 3))
  np.testing.assert_allclose(standardise(4 * x + 7), standardise(x), atol=1e-4)


def test_pooling_first_needs_the_same_weights_for_the_same_shape():
  x = jax.random.normal(KEY, (2, 8, 6, 3))
  late, early = DownBlock(5), DownBlock(5, pool_first=True)
  variables = random_variables(late, x, train=False)
  shapes = jax.tree.map(jnp.shape, variables)
  assert shapes == jax.tree.map(
    jnp.shape, random_variables(early, x, train=False)
  )
  apply = functools.partial(early.apply, variables, train=False)
  assert late.apply(variables, x, train=False).shape == (2, 4, 3, 5)
  assert apply(x).shape == (2, 4, 3, 5)
  # What is the same in every two by two pixels is seen as well after pooling.
  squares = jnp.repeat(jnp.repeat(average_pool(x), 2, axis=1), 2, axis=2)
  np.testing.assert_allclose(apply(squares), apply(x), atol=1e-5)
