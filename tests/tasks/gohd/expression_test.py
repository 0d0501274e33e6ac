import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import gohd_expression
from dagan_jax.console.errors import UsageError
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.tasks.gohd.expression import ExpressionTask
from dagan_jax.tasks.task import Task
from tests.support import spoken_sequences

KEY = jax.random.key(0)
BATCH = spoken_sequences.batch(2, 20)
NAME, JUDGES = 'two_stage_expression', 'expression_discriminators'


def config_of(variant: str = 'debug', **fields):
  config = gohd_expression.get_config(variant)
  config.update_from_flattened_dict(fields)
  return config


@functools.cache
def learning():
  """A task, its first state and its compiled step."""
  config = config_of(**{'optimizer.learning_rate': 0.001, 'steps': 1_000})
  # What a mapper makes that has learnt nothing says nothing of eyes.
  for name in config.loss.stage_1:
    config.loss.stage_1[name] = 0.0
  for name in ('gan_eyes', 'gan_eye_motion', 'gan_expression'):
    config.loss[name] = 0.001
  task = ExpressionTask(config)
  state = jax.jit(task.init)(KEY, BATCH)
  variables = state.variables | {'face': spoken_sequences.face()}
  return task, state.replace(variables=variables), jax.jit(task.train_step)


def changed(before, after) -> bool:
  pairs = zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True)
  return any((x != y).any() for x, y in pairs)


def test_eyes_and_judges_learn_and_the_mapper_stays_as_it_is():
  task, state, step = learning()
  assert isinstance(task, Task)
  start, losses = state.variables, []
  for _ in range(30):
    state, update = step(KEY, state, BATCH)
    losses.append(float(update.compute()['unlikeness']))
  assert losses[-1] < 0.6 * losses[0]
  after = state.variables
  for collection in ('params', 'batch_stats'):
    assert not changed(
      start[NAME][collection]['mapper'], after[NAME][collection]['mapper']
    )
  assert changed(start[NAME]['params']['eyes'], after[NAME]['params']['eyes'])
  assert changed(start[JUDGES], after[JUDGES])
  assert not changed(start['face'], after['face'])


def test_what_is_scored_depends_on_an_examples_place_alone():
  task, state, _ = learning()
  score = jax.jit(
    lambda batch: compute_metrics(*task.eval_step(state.variables, batch))
  )
  values = score(BATCH)
  turned = score({name: x[::-1] for name, x in BATCH.items()})
  for name, value in values.items():
    np.testing.assert_allclose(value, turned[name][::-1], rtol=1e-3, atol=1e-4)
  assert {'lip_correlation', 'eye_ssim', 'true_eye_variance'} <= values.keys()


def test_the_first_face_is_given_and_other_noise_moves_eyes_otherwise():
  task, state, _ = learning()
  speak = jax.jit(task.speak)
  numbers = jnp.arange(2)
  one = speak(state.variables, BATCH, numbers)
  assert one.shape == BATCH['expression'].shape
  np.testing.assert_array_equal(one, speak(state.variables, BATCH, numbers))
  assert changed(one, speak(state.variables, BATCH, numbers + 2))


@pytest.mark.parametrize('learns', [False, True])
def test_the_mapper_is_known_to_the_optimizer_only_where_it_learns(learns):
  task = ExpressionTask(config_of(learns_mapper=learns))
  state = jax.eval_shape(task.init, KEY, BATCH)
  learnt = task._learnt(state.variables[NAME]['params'])
  assert ('mapper' in learnt) == learns
  after, _ = jax.eval_shape(task.train_step, KEY, state, BATCH)
  shapes = [jax.tree.map(lambda x: x.shape, x) for x in (after, state)]
  assert shapes[0] == shapes[1]


def test_a_discriminator_without_weight_is_not_asked():
  task = ExpressionTask(config_of(**{'loss.gan_eyes': 0.0}))
  state = jax.eval_shape(task.init, KEY, BATCH)
  latent = task._draw(KEY, BATCH)
  taught = jax.eval_shape(task.gradients, state.variables, BATCH, latent)
  asked = {x for x in taught.losses if x.startswith(('gan', 'discriminator'))}
  assert len(asked) == 4 and not any(x.endswith('_eyes') for x in asked)


@pytest.mark.parametrize(
  'fields, words',
  [
    ({'data.sequence': 8}, 'data.sequence is 8: it must be at least 17'),
    ({'discriminator_rate': 0.0}, 'discriminator_rate is 0.0: it must be'),
    ({f'model.{JUDGES}.attention': 12}, 'attention is 12: it must be a mult'),
    ({f'model.{NAME}.hidden': 0}, 'hidden is 0: it must be greater than 0'),
    ({'loss.stage_1.eyes': -1.0}, 'loss.stage_1.eyes is -1.0: it must be 0'),
    ({'init.mapper': '/no/such'}, 'init.mapper: /no/such does not exist'),
  ],
)
def test_an_impossible_config_is_told_in_one_line(fields, words):
  with pytest.raises(UsageError, match=words) as told:
    ExpressionTask.check(config_of(**fields))
  assert '\n' not in str(told.value)


@pytest.mark.parametrize('size', ['', 'narrow', 'debug'])
@pytest.mark.parametrize('kind', ['', 'one_stage'])
def test_our_configs_are_possible(size, kind):
  config = config_of('/'.join(filter(None, (size, kind))))
  ExpressionTask.check(config)
  assert bool(config.stage_1) == (not kind)


def test_both_stages_learn_from_the_data_and_the_face_that_a_run_names():
  config = config_of()
  config.update_from_flattened_dict({'data.path': 'A', 'init.face': 'F'})
  first = config.copy_and_resolve_references().stage_1
  assert (first.data.path, first.init.face) == ('A', 'F')
  config.stage_1.data.path = 'B'  # its own word counts, and for it alone
  assert (config.data.path, config.stage_1.data.path) == ('A', 'B')
