"""Random variables of a network, without compiling its own start."""

import functools

import jax
import jax.numpy as jnp
import numpy as np


def random_variables(module, *inputs, **options):
  """Variables of a module, drawn by NumPy; every map keeps its spread.

  Args:
    module: a Flax module.
    *inputs: what `module.init` takes after the key, or the shapes.
    **options: of `module.init`.
  """
  init = functools.partial(module.init, **options)
  random = np.random.default_rng(0)

  def fill(path, leaf):
    if path[-1].key in ('scale', 'var', 'gamma'):
      return jnp.ones(leaf.shape)
    fan_in = np.prod(leaf.shape[:-1])  # of a bias: 1
    values = random.standard_normal(leaf.shape) / np.sqrt(fan_in)
    if path[-1].key != 'kernel':
      values = 0.1 * values
    return jnp.asarray(values, jnp.float32)

  shapes = jax.eval_shape(init, jax.random.key(0), *inputs)
  return jax.tree_util.tree_map_with_path(fill, shapes)
