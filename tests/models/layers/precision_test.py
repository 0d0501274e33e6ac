import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from jax.extend.core import jaxprs_in_params

from dagan_jax.models.layers.blocks import BatchNorm, UpBlock
from dagan_jax.models.layers.convolution import Conv
from dagan_jax.models.layers.precision import round_convolutions
from dagan_jax.tasks import TASKS
from tests.support import tiny

RANDOM = np.random.default_rng(0)
PICTURE = jnp.float32(RANDOM.normal(size=(2, 16, 16, 3)))
PAIRS = {'source': np.zeros((4, tiny.SIZE, tiny.SIZE, 3), np.uint8)}
PAIRS['driving'] = PAIRS['source']
CLIPS = {'frames': np.zeros((4, 2, tiny.SIZE, tiny.SIZE, 3), np.uint8)}


class Pair(nn.Module):
  """Two convolutions, of which one is in a network that may stay exact."""

  exact: bool = False

  @nn.compact
  def __call__(self, x):
    return (
      Conv(4, exact=self.exact, name='conv')(x),
      UpBlock(4, name='steady')(x, train=False),
    )


def test_a_rounded_convolution_is_that_of_rounded_numbers():
  conv = Conv(4, use_bias=False)
  variables = conv.init(jax.random.key(0), PICTURE)
  with round_convolutions('bfloat16'):
    rounded = conv.apply(variables, PICTURE)
  assert rounded.dtype == jnp.bfloat16
  halve = jax.tree.map(lambda x: jnp.float32(jnp.bfloat16(x)), variables)
  expected = conv.apply(halve, jnp.float32(jnp.bfloat16(PICTURE)))
  np.testing.assert_allclose(
    np.float32(rounded), expected, rtol=0.01, atol=0.01
  )


def test_exact_convolutions_and_named_networks_stay_as_they_are():
  network = Pair(exact=True)
  variables = network.init(jax.random.key(0), PICTURE)
  with round_convolutions('bfloat16', but=('steady',)):
    found = network.apply(variables, jnp.bfloat16(PICTURE))
  expected = network.apply(variables, jnp.float32(jnp.bfloat16(PICTURE)))
  jax.tree.map(np.testing.assert_array_equal, found, expected)
  with round_convolutions('bfloat16'):
    assert network.apply(variables, PICTURE)[1].dtype == jnp.bfloat16


def test_the_statistics_of_rounded_features_are_not_rounded():
  x = jnp.bfloat16(RANDOM.normal(1.0, 0.1, size=(4, 32, 32, 3)))
  norm = BatchNorm()
  variables = norm.init(jax.random.key(0), x, train=True)
  y, state = norm.apply(variables, x, train=True, mutable=['batch_stats'])
  mean = np.float64(x).mean((0, 1, 2))
  kept = state['batch_stats']['mean']
  assert y.dtype == jnp.bfloat16
  assert kept.dtype == jnp.float32
  np.testing.assert_allclose(kept, 0.1 * mean, rtol=1e-6)


def _multi_level():
  config = tiny.config_with_depth()
  config.model.generator.decoder = 'multi_level'
  config.model.generator.fusion = 'cross_modal'
  config.model.generator.warp_depth = True
  return config


def _spade():
  config = tiny.config_with_depth()
  config.model.generator.decoder = 'spade'
  return config


CONFIGS = {
  'plain': (tiny.config_with_depth, PAIRS),
  'multi_level': (_multi_level, PAIRS),
  'spade': (_spade, PAIRS),
  'face_depth': (tiny.config_of_stage_1, CLIPS),
}


@pytest.mark.parametrize('name', CONFIGS)
def test_a_step_rounds_convolutions_but_no_state_sum_or_exponential(name):
  make, batch = CONFIGS[name]
  config = make()
  config.precision = 'bfloat16'
  task = TASKS[config.task](config)
  key = jax.random.key(0)
  before = jax.eval_shape(task.init, key, batch)
  program, (after, losses) = jax.make_jaxpr(task.train_step, return_shape=True)(
    key, before, batch
  )
  dtypes = [x.dtype for x in jax.tree.leaves((after, losses))]
  assert set(dtypes) == {np.dtype(np.float32), np.dtype(np.int32)}
  rounded = [
    (equation.primitive.name, equation.invars[0].aval, equation.outvars[0].aval)
    for equation in _equations(program.jaxpr)
    if any(
      getattr(x.aval, 'dtype', None) == jnp.bfloat16 for x in equation.invars
    )
  ]
  names = {name for name, *_ in rounded}
  assert 'conv_general_dilated' in names
  assert not names & {'exp', 'log', 'rsqrt', 'logistic', 'floor'}
  for name, summed, result in rounded:
    if name == 'reduce_sum':  # of a pixel that was doubled
      assert summed.size == 2 * result.size, (summed, result)


def _equations(jaxpr):
  """All of a program, those of its parts as well."""
  for equation in jaxpr.eqns:
    yield equation
    for part in jaxprs_in_params(equation.params):
      yield from _equations(part)
