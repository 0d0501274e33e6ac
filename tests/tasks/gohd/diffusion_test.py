import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import gohd_animator, gohd_gaze, gohd_pose
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.gohd import draw_motion
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.models.gohd.diffusion import STEPS
from dagan_jax.tasks.gohd.diffusion import DiffusionTask
from dagan_jax.tasks.task import Task
from tests.support import spoken_sequences

KEY = jax.random.key(0)
BATCH = spoken_sequences.batch()


class OneLayerDenoiser(nn.Module):
  """Finds noise as Denoiser does, but is compiled in no time."""

  channels: int
  unit: float
  steps: int = STEPS
  learns_without: bool = True
  predicts: str = 'noise'

  @nn.compact
  def __call__(self, noisy, sound, initial, step, *, train=False):
    del train
    start = jnp.nan_to_num(
      jnp.zeros(self.channels) if initial is None else initial
    )
    start = jnp.broadcast_to(start, noisy.shape)
    late = jnp.broadcast_to(step[:, None, None] / STEPS, noisy.shape)
    seen = [noisy, noisy * late, sound, start]
    return nn.Dense(self.channels, name='output')(jnp.concatenate(seen, -1))


def task_of(target: str, **fields) -> DiffusionTask:
  config = {'pose': gohd_pose, 'gaze': gohd_gaze}[target].get_config('debug')
  config.update_from_flattened_dict(fields)
  task = DiffusionTask(config)
  network = config.model[target]
  task.denoiser = OneLayerDenoiser(network.channels, network.unit)
  return task


@functools.cache
def learning(target: str):
  """A task, its first state, and its compiled step."""
  task = task_of(target, **{'optimizer.learning_rate': 0.02})
  state = jax.jit(task.init)(KEY, BATCH)
  return task, state, jax.jit(task.train_step)


@pytest.mark.parametrize('target', ['pose', 'gaze'])
def test_a_network_learns_to_find_noise(target):
  task, state, step = learning(target)
  assert isinstance(task, Task)
  assert state.variables.keys() == {target, f'{target}_ema'}
  losses = []
  for _ in range(60):
    state, update = step(KEY, state, BATCH)
    losses.append(float(update.compute()['noise']))
  assert np.mean(losses[-20:]) < 0.5 * np.mean(losses[:5])
  assert int(state.step) == 60


def test_a_step_depends_on_key_and_state_alone():
  _, state, step = learning('pose')
  first, _ = step(KEY, state, BATCH)
  again, _ = step(KEY, state, BATCH)
  jax.tree.map(np.testing.assert_array_equal, first, again)
  later, _ = step(KEY, state.replace(step=state.step + 1), BATCH)
  changed = jax.tree.map(
    lambda a, b: bool((a != b).any()), first.variables, later.variables
  )
  assert any(jax.tree.leaves(changed))


def test_the_average_follows_the_network():
  _, state, step = learning('pose')
  after, _ = step(KEY, state, BATCH)
  old, new, average = (
    tree['params']['output']['bias']
    for tree in (
      state.variables['pose'],
      after.variables['pose'],
      after.variables['pose_ema'],
    )
  )
  np.testing.assert_allclose(average, old + 0.9 * (new - old), atol=1e-6)


def test_poses_are_learnt_as_differences_and_gazes_as_they_are():
  for target, still in (('pose', 0.0), ('gaze', BATCH['gaze'][:, :1])):
    task, _, _ = learning(target)
    some = task.sequence(BATCH)
    whole = some.wanted * task.denoiser.unit
    whole = whole + (some.initial if target == 'pose' else 0)
    np.testing.assert_allclose(whole, BATCH[target][:, 1:], atol=1e-6)
    rest = task.still(some) * task.denoiser.unit - still
    np.testing.assert_allclose(rest, 0, atol=1e-6)
    assert some.sound.shape[1] == some.wanted.shape[1]


def test_the_unit_is_what_one_stands_for():
  task = task_of('pose', **{'model.pose.unit': 0.1})
  plain, _, _ = learning('pose')
  np.testing.assert_allclose(
    task.sequence(BATCH).wanted, 10 * plain.sequence(BATCH).wanted, rtol=1e-5
  )
  np.testing.assert_allclose(
    task.degrees(task.sequence(BATCH).wanted),
    plain.degrees(plain.sequence(BATCH).wanted),
    rtol=1e-4,
  )


def test_held_out_scores_are_the_same_whatever_stands_beside_an_example():
  task, state, _ = learning('pose')
  score = jax.jit(
    lambda batch: compute_metrics(*task.eval_step(state.variables, batch))
  )
  values = score(BATCH)
  turned = score({name: x[::-1] for name, x in BATCH.items()})
  for name, value in values.items():
    np.testing.assert_allclose(value, turned[name][::-1], rtol=1e-3, atol=1e-5)
  names = {'noise_error', 'motion_variance', 'motion_fast', 'motion_ssim'}
  assert names <= values.keys()
  assert {'still_noise_error', 'true_motion_variance'} <= values.keys()
  np.testing.assert_allclose(values['true_motion_ssim'], 1, atol=1e-5)
  assert (values['still_motion_variance'] == 0).all()


def test_pictures_show_the_truth_and_two_different_samples():
  task, state, _ = learning('pose')
  truth, drawn = jax.jit(task.images)(state.variables, BATCH)
  assert truth.shape == drawn[0].shape == (4, 11, 3)
  assert abs(drawn[0] - drawn[1]).max() > 0.1
  rows = draw_motion(np.asarray(truth), tuple(map(np.asarray, drawn)))
  assert list(rows) == ['truth', 'drawn 1', 'drawn 2']
  assert all(x.shape[3] == 3 and x.dtype == np.uint8 for x in rows.values())


@pytest.mark.parametrize(
  'fields, words',
  [
    ({'target': 'nod'}, "target is 'nod': it must be one of pose, gaze"),
    ({'model.pose.channels': 2}, 'channels is 2: it must be one of 6'),
    ({'model.pose.width': 12}, 'width is 12: it must be a multiple of 8'),
    ({'model.pose.unit': 0.0}, 'unit is 0.0: it must be greater than 0'),
    ({'model.pose.learns_without': False}, 'it needs model.pose.learns_with'),
    ({'initial_dropout': 0.0}, 'initial_dropout is 0.0: with model.pose'),
    ({'model.pose.steps': 100}, 'steps is 100: it must be from 150, as publis'),
    ({'guidance': 1.5}, 'guidance is 1.5: it must be between 0 and 1'),
    ({'data.sequence': 1}, 'data.sequence is 1: it must be at least 2'),
    ({'data.sampler': 'pairs'}, "needs data.sampler 'sequences'"),
    ({'precision': 'bfloat16'}, "precision is 'bfloat16': GoHD's parts"),
    ({'ema': 1.0}, 'ema is 1.0: it must be at least 0, below 1'),
    ({'init.networks': '/no/such'}, 'init.networks: /no/such does not exist'),
  ],
)
def test_an_impossible_config_is_told_in_one_line(fields, words):
  config = gohd_pose.get_config('debug')
  config.update_from_flattened_dict(fields)
  with pytest.raises(UsageError, match=words) as told:
    DiffusionTask.check(config)
  assert '\n' not in str(told.value)


@pytest.mark.parametrize('variant', ['', 'narrow', 'debug'])
@pytest.mark.parametrize('recipe', [gohd_pose, gohd_gaze])
def test_our_configs_are_possible(recipe, variant):
  DiffusionTask.check(recipe.get_config(variant))


@pytest.mark.parametrize('recipe', [gohd_pose, gohd_gaze, gohd_animator])
def test_a_tiny_run_is_over_soon(recipe):
  assert recipe.get_config('debug').steps == 20
