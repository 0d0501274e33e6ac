import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from dagan_jax.models.layers.blocks import ResBlock, UpBlock
from dagan_jax.tasks import TASKS
from dagan_jax.tasks.remembering import keep_products
from tests.models.layers.precision_test import CLIPS, PAIRS
from tests.support import tiny

PICTURE = jnp.float32(np.random.default_rng(0).normal(size=(4, 16, 16, 8)))


class Chain(nn.Module):
  """Some blocks, as the networks have."""

  @nn.compact
  def __call__(self, x):
    for _ in range(4):
      x = ResBlock(8)(x, train=True)
    return UpBlock(8)(x, train=True)


def test_less_is_remembered_and_the_gradients_are_the_same():
  variables = Chain().init(jax.random.key(0), PICTURE)

  def loss(params):
    y, _ = Chain().apply(
      {**variables, 'params': params}, PICTURE, mutable=['batch_stats']
    )
    return jnp.mean(jnp.abs(y))

  found = []
  for asked in (False, True):
    objective = keep_products(loss, asked)
    _, backward = jax.eval_shape(
      lambda params, f=objective: jax.vjp(f, params), variables['params']
    )
    kept = sum(x.size * x.dtype.itemsize for x in jax.tree.leaves(backward))
    gradient = jax.jit(jax.grad(objective))(variables['params'])
    found.append((gradient, kept))
  (whole, most), (again, less) = found
  assert less < 0.5 * most
  jax.tree.map(
    lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7),
    whole,
    again,
  )


@pytest.mark.parametrize(
  ('config', 'batch'),
  [(tiny.config(), PAIRS), (tiny.config_of_stage_1(), CLIPS)],
)
def test_a_step_that_is_asked_to_remembers_less(config, batch):
  counts = []
  for config.remat in (False, True):
    task = TASKS[config.task](config)
    key = jax.random.key(0)
    state = jax.eval_shape(task.init, key, batch)
    program = jax.make_jaxpr(task.train_step)(key, state, batch)
    counts.append(str(program).count('policy=<function'))
  assert counts[0] == 0 and counts[1] > 0
