import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.dagan.generator import Generator
from dagan_jax.models.dagan.spade import Spade, SpectralConv
from dagan_jax.models.layers.blocks import standardise
from dagan_jax.models.layers.convolution import convolve
from dagan_jax.weights.names.reenactment import generator_variables
from tests.reference import recorded
from tests.support.recorded_motion import recorded_motion
from tests.support.variables import random_variables

KEY = jax.random.key(0)
IMAGE = jax.random.normal(KEY, (2, 6, 5, 4))
CONV = SpectralConv(7)


@pytest.fixture(scope='module')
def variables():
  return made(CONV)


def made(conv):
  """Variables of which `u` and `v` are unit vectors, but of no use yet."""
  random = random_variables(conv, IMAGE, train=False)
  vectors = jax.tree.map(
    lambda x: x / jnp.linalg.norm(x), random['batch_stats']
  )
  return {**random, 'batch_stats': vectors}


def trained(variables):
  """A training call's result, and the variables after it."""
  y, state = train_once(variables)
  return y, {**variables, **state}


@jax.jit
def train_once(variables):
  return CONV.apply(variables, IMAGE, train=True, mutable=['batch_stats'])


def matrix_of(variables):
  """The kernel as spectral normalisation sees it, in PyTorch's order."""
  kernel = variables['params']['kernel']
  return kernel.transpose(3, 2, 0, 1).reshape(kernel.shape[3], -1)


def converged(variables):
  u, _, vh = jnp.linalg.svd(matrix_of(variables), full_matrices=False)
  return {**variables, 'batch_stats': {'u': u[:, 0], 'v': vh[0]}}


def test_the_prediction_is_the_original_networks():
  generator = Generator(64, 512, 3, 6, decoder='spade')
  tensors = recorded.tensors('spade_generator')
  variables = generator_variables(tensors)
  variables = {name: tree['generator'] for name, tree in variables.items()}

  def draw(generator, image, motion):
    depth = image.mean(-1, keepdims=True)
    encoding = generator.encode(image, depth, train=False)
    deformed = generator.deform(image, motion)
    return generator.decode(encoding, motion, deformed, train=False).prediction

  given = recorded.source(), recorded_motion()
  shapes = jax.eval_shape(
    functools.partial(generator.init, method=draw), KEY, *given
  )
  assert jax.tree.map(np.shape, variables) == jax.tree.map(np.shape, shapes)
  prediction = jax.jit(functools.partial(generator.apply, method=draw))(
    variables, *given
  )
  expected = recorded.arrays('spade_generator')['prediction']
  np.testing.assert_allclose(prediction[:, ::4, ::4], expected, atol=1e-4)


def test_training_draws_unit_vectors_nearer_to_the_largest(variables):
  largest = converged(variables)['batch_stats']
  _, once = trained(variables)
  _, twice = trained(once)
  states = [x['batch_stats'] for x in (variables, once, twice)]
  near = {
    name: [abs(jnp.vdot(state[name], largest[name])) for state in states]
    for name in ('u', 'v')
  }
  assert near['u'][0] < near['u'][1] < near['u'][2]
  assert near['v'][1] < near['v'][2]
  for state in states:
    for vector in state.values():
      np.testing.assert_allclose(jnp.linalg.norm(vector), 1, atol=1e-5)


@pytest.mark.parametrize(('features', 'size'), [(7, 3), (64, 1), (1, 3)])
def test_a_kernel_starts_with_a_largest_singular_value_near_1(features, size):
  channels = 32
  # Each picture has a single 1: the middle of the results is the kernel.
  ones = jnp.eye(size * size * channels).reshape(-1, size, size, channels)
  conv = SpectralConv(features, size, use_bias=False)
  init = jax.jit(functools.partial(conv.init_with_output, train=False))
  kernel = init(KEY, ones)[0][:, size // 2, size // 2]
  largest = jnp.linalg.svd(kernel, compute_uv=False)[0]
  assert 0.999 < largest < 1.1


def test_evaluation_changes_no_state(variables):
  _, state = CONV.apply(variables, IMAGE, train=False, mutable=['batch_stats'])
  jax.tree.map(
    np.testing.assert_array_equal,
    state['batch_stats'],
    variables['batch_stats'],
  )


def test_training_and_evaluation_agree_in_the_end(variables):
  variables = converged(variables)
  y, state = trained(variables)
  calm = CONV.apply(variables, IMAGE, train=False)
  np.testing.assert_allclose(y, calm, atol=1e-4)
  for name, vector in state['batch_stats'].items():
    np.testing.assert_allclose(
      vector, variables['batch_stats'][name], atol=1e-4
    )


@pytest.mark.parametrize('train', [True, False])
def test_sigma_is_learnt_through_the_kernel_but_not_its_vectors(
  variables, train
):
  state = trained(variables)[1] if train else variables
  u, v = (state['batch_stats'][name] for name in ('u', 'v'))

  def total(y):
    return jnp.sum(jnp.sin(y))

  def ours(params):
    changed = {**variables, 'params': params}
    if train:
      return total(trained(changed)[0])
    return total(CONV.apply(changed, IMAGE, train=False))

  def plain(params):
    sigma = u @ matrix_of({'params': params}) @ v
    return total(convolve(IMAGE, params['kernel'] / sigma, 1) + params['bias'])

  gradients, expected = (
    jax.jit(jax.grad(loss))(variables['params']) for loss in (ours, plain)
  )
  jax.tree.map(
    lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4),
    gradients,
    expected,
  )
  # A kernel twice as large is the same one: there is nothing to learn of that.
  kernel, slope = variables['params']['kernel'], gradients['kernel']
  assert np.max(np.abs(slope)) > 0.1
  np.testing.assert_allclose(jnp.vdot(kernel, slope), 0, atol=1e-3)


@jax.jit
def style_image(variables, style):
  return Spade(8).apply(variables, IMAGE, style)


def test_a_style_that_says_nothing_leaves_standard_features():
  style = jnp.ones((2, 12, 10, 3))
  variables = random_variables(Spade(8), IMAGE, style)
  silent = jax.tree.map(jnp.zeros_like, variables)
  np.testing.assert_allclose(
    style_image(silent, style), standardise(IMAGE), atol=1e-5
  )


def test_a_style_acts_where_it_is():
  style = jnp.zeros((2, 12, 10, 3))
  elsewhere = style.at[:, :2, :2].set(1)
  variables = random_variables(Spade(8), IMAGE, style)
  without, styled = (style_image(variables, x) for x in (style, elsewhere))
  changed = np.any(np.abs(styled - without) > 1e-4, axis=-1)
  assert np.all(changed[:, 0, 0])
  assert not np.any(changed[:, 3:]) and not np.any(changed[:, :, 3:])
