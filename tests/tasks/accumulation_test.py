from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.runs import devices
from dagan_jax.tasks.accumulation import in_parts
from dagan_jax.tasks.reenactment.task import ReenactmentTask
from tests.support import tiny
from tests.tasks.reenactment.task_test import KEY, batch

RANDOM = np.random.default_rng(0)


class Examples(NamedTuple):
  seen: jax.Array
  wanted: jax.Array
  landmarks: None = None


EXAMPLES = Examples(RANDOM.normal(size=(24, 5)), RANDOM.normal(size=(24, 3)))
WEIGHTS = jnp.asarray(RANDOM.normal(size=(5, 3)))


def teach(part):
  """A mean over examples, and its gradient."""

  def loss(weights):
    return jnp.mean((jnp.tanh(part.seen @ weights) - part.wanted) ** 2)

  return jax.value_and_grad(loss)(WEIGHTS)


@pytest.mark.parametrize('count', [2, 3, 6])
def test_parts_teach_what_the_whole_teaches(count):
  parts = jax.jit(in_parts, static_argnums=(0, 1))(teach, count, EXAMPLES)
  jax.tree.map(
    lambda ours, whole: np.testing.assert_allclose(ours, whole, rtol=1e-5),
    parts,
    teach(EXAMPLES),
  )


def test_no_example_changes_its_device_for_a_part():
  mesh = devices.mesh()
  shared = devices.put({'x': np.arange(16.0)}, mesh)['x']
  program = jax.jit(lambda x: in_parts(lambda part: part * part, 2, x))
  text = program.lower(shared).compile().as_text()
  assert mesh.size == 4
  for collective in ('all-to-all', 'all-gather', 'collective-permute'):
    assert collective not in text


def test_a_batch_in_parts_has_the_losses_and_gradient_norms_of_the_whole():
  config = tiny.config()
  config.frozen_statistics = True  # else each part would be normalised alone
  config.optimizer.learning_rate = 1e-3
  after = []
  state = jax.jit(ReenactmentTask(config).init)(KEY, batch())
  for config.accumulate in (1, 2):
    step = jax.jit(ReenactmentTask(config).train_step)
    after.append(step(KEY, state, batch())[1].compute())
  expected, parts = after  # the norms of the gradients are among them
  for name, value in parts.items():
    np.testing.assert_allclose(value, expected[name], rtol=1e-4, err_msg=name)
