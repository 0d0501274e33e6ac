"""The loop, with a small task that has two players and no pictures to learn."""

import errno
import json
import multiprocessing
import os
import signal
import types
from pathlib import Path

import grain
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from clu import metrics

from configs import base
from dagan_jax import tasks
from dagan_jax.console.errors import UsageError
from dagan_jax.runs import (
  checkpoints,
  devices,
  locks,
)
from dagan_jax.tasks.task import Answers, TrainState, averages
from dagan_jax.training import loop, starts
from dagan_jax.training.not_finite import is_skipped, skip_not_finite
from data_pipelines.errors.mendable import DataError, Stopped

STEPS = 6
REAL_DATA = loop.pipeline.make_iterator


class ToyTask:
  """A colour that chases the driving frame's, and a critic of it."""

  saved = ('painter', 'critic')
  scored = saved
  dispensable = ()
  trivial = types.MappingProxyType({})
  traces = 0
  poison_at = None  # a step whose loss is not finite
  poison_from = None  # the first of many such steps
  signal_at = None  # a step that is interrupted
  workers_signal = None  # what the workers are sent at that moment

  def __init__(self, config):
    self.optimizer = optax.chain(
      optax.clip_by_global_norm(1.0),
      optax.adam(config.optimizer.learning_rate),
    )

  @staticmethod
  def check(config):
    pass

  def init(self, key, batch):
    players = {
      name: {'params': {'kernel': jax.random.normal(key, (3, 3))}}
      for name in self.saved
    }
    optimizers = {
      name: self.optimizer.init(player['params'])
      for name, player in players.items()
    }
    frozen = {'params': {'kernel': jnp.eye(3)}}
    variables = {**players, 'frozen': frozen}
    return TrainState(jnp.int32(0), variables, optimizers)

  def train_step(self, key, state, batch):
    type(self).traces += 1
    noise = 0.1 * jax.random.normal(jax.random.fold_in(key, state.step), (3,))
    source, driving = (
      (batch[name] / 255.0).mean((1, 2)) for name in ('source', 'driving')
    )
    frozen = state.variables['frozen']['params']['kernel']
    variables, optimizers, losses = dict(state.variables), {}, {}
    for name in self.saved:

      def loss(params):
        error = (source + noise) @ frozen @ params['kernel'] - driving
        return jnp.mean(error**2)

      params = state.variables[name]['params']
      losses[name], gradient = jax.value_and_grad(loss)(params)
      update, optimizers[name] = self.optimizer.update(
        gradient, state.opt_state[name]
      )
      variables[name] = {'params': optax.apply_updates(params, update)}
    if self.poison_at is not None:
      poisoned = state.step + 1 == self.poison_at
      losses['critic'] = jnp.where(poisoned, jnp.nan, losses['critic'])
    if self.poison_from is not None:
      poisoned = state.step + 1 >= self.poison_from
      losses['critic'] = jnp.where(poisoned, jnp.nan, losses['critic'])
    if self.signal_at is not None:
      jax.debug.callback(self.interrupt, state.step + 1)
    collection = metrics.Collection.create_collection(
      **{
        name: metrics.Average.from_model_output(value)
        for name, value in losses.items()
      }
    )
    return TrainState(state.step + 1, variables, optimizers), collection

  def interrupt(self, step):
    if step == self.signal_at:
      for worker in multiprocessing.active_children():
        if self.workers_signal:
          os.kill(worker.pid, self.workers_signal)
      if self.workers_signal != signal.SIGKILL:
        os.kill(os.getpid(), signal.SIGTERM)

  def eval_step(self, variables, batch):
    return Answers({}, {})

  def images(self, variables, batch):
    return (batch['source'],)

  def warnings(self, values):
    yield f'the critic is at {values["critic"]:.0f}'


def toy_data(data, split, *, shard=(0, 1)):
  pictures = np.random.default_rng(0).integers(
    0, 256, (20, 2, 32, 32, 3), np.uint8
  )
  examples = (
    grain.MapDataset.source(pictures)
    .seed(data.seed)
    .shuffle()
    .repeat()
    .map(lambda x: {'source': x[0], 'driving': x[1], 'weight': np.float32(1)})
  )
  return loop.pipeline.Batches(examples, data.batch_size, shard, 0, 2)


def toy_config(steps=STEPS):
  config = base.get_config('debug')
  config.model.painter, config.init.depth = 'a colour', ''
  config.task, config.data.source, config.steps = 'toy', 'synthetic', steps
  config.data.image_size = 32
  config.optimizer.learning_rate = 0.1
  config.checkpoint.every, config.checkpoint.keep = 3, 2
  config.report.every = 1
  config.report.images_every = config.report.eval_every = 0
  return config


def draw_toy(source):
  return {'source': source}


def add_toy(patch):
  patch.setitem(tasks.TASKS, 'toy', ToyTask)
  patch.setitem(loop.DRAWINGS, 'toy', draw_toy)
  patch.setattr(loop.pipeline, 'make_iterator', toy_data)
  patch.setattr(ToyTask, 'traces', 0)


@pytest.fixture(autouse=True)
def toy(monkeypatch):
  add_toy(monkeypatch)


def losses(workdir: Path) -> list[tuple[float, ...]]:
  lines = (workdir / 'metrics.jsonl').read_text().splitlines()
  rows = [json.loads(line) for line in lines]
  return [(row['step'], row['painter'], row['critic']) for row in rows]


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
  """An uninterrupted run: its state, its losses, how often it was traced."""
  with pytest.MonkeyPatch.context() as patch:
    add_toy(patch)
    workdir = tmp_path_factory.mktemp('whole')
    state = loop.train_and_evaluate(toy_config(), workdir)
    return state, losses(workdir), ToyTask.traces


def test_losses_fall_and_each_step_is_reported_once(whole):
  _, rows, _ = whole
  assert [row[0] for row in rows] == list(range(1, STEPS + 1))
  assert rows[-1][1] < rows[0][1]


def test_the_step_is_traced_once(whole):
  assert whole[2] == 1


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(whole, tmp_path):
  loop.train_and_evaluate(toy_config(steps=2), tmp_path)
  parts = loop.train_and_evaluate(toy_config(), tmp_path)
  assert losses(tmp_path) == whole[1]
  leaves = zip(jax.tree.leaves(whole[0]), jax.tree.leaves(parts), strict=True)
  assert all(np.array_equal(*pair) for pair in leaves)


def test_a_run_saved_on_four_devices_goes_on_on_one_with_the_same_losses(
  whole, tmp_path, monkeypatch
):
  loop.train_and_evaluate(toy_config(steps=1), tmp_path)
  one = jax.sharding.Mesh(jax.devices()[:1], devices.AXIS)
  monkeypatch.setattr(devices, 'mesh', lambda: one)
  loop.train_and_evaluate(toy_config(), tmp_path)
  np.testing.assert_allclose(losses(tmp_path), whole[1], atol=1e-5)


def test_a_loss_that_is_not_finite_is_named_and_never_saved(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(ToyTask, 'poison_at', 5)
  with pytest.raises(UsageError, match=r'step 5: critic; .*checkpoints/3\.'):
    loop.train_and_evaluate(toy_config(), tmp_path)
  assert checkpoints.latest_step(tmp_path) == 3


def test_a_poisoned_step_is_seen_before_it_would_be_saved(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(ToyTask, 'poison_at', 3)
  with pytest.raises(UsageError, match='step 3: critic; no checkpoint'):
    loop.train_and_evaluate(toy_config(), tmp_path)
  with pytest.raises(UsageError, match='no checkpoint'):
    checkpoints.latest_step(tmp_path)


def test_a_few_steps_that_are_not_finite_are_skipped_and_counted(
  tmp_path, monkeypatch, caplog
):
  monkeypatch.setattr(ToyTask, 'poison_at', 4)
  config = toy_config()
  config.nan_policy = 'skip'
  state = loop.train_and_evaluate(config, tmp_path)
  assert [row[0] for row in losses(tmp_path)] == [1, 2, 3, 5, 6]
  assert np.isfinite(losses(tmp_path)).all() and int(state.step) == STEPS
  last = (tmp_path / 'metrics.jsonl').read_text().splitlines()[-1]
  assert json.loads(last)['skipped'] == 1
  assert 'step 4 was not finite and is skipped: 1 of 20' in caplog.text


def test_too_many_skipped_steps_stop_a_run_and_it_says_how_to_go_on(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(ToyTask, 'poison_from', 3)
  config = toy_config()
  config.nan_policy, config.nan_skips = 'skip', 2
  line = r'step 5, after 2 skipped steps: critic; .*another --config.seed'
  with pytest.raises(UsageError, match=line):
    loop.train_and_evaluate(config, tmp_path)


def test_a_step_that_is_taken_back_leaves_no_trace_but_its_number():
  def train_step(key, state, batch):
    after = state.replace(
      step=state.step + 1,
      variables={'a': {'params': state.variables['a']['params'] + batch}},
      opt_state={'a': state.opt_state['a'] * 2},
    )
    return after, averages({'loss': jnp.float32(3.0)})

  step = jax.jit(skip_not_finite(train_step))
  network = {'a': {'params': jnp.ones(2)}}
  state = TrainState(jnp.int32(4), network, {'a': jnp.ones(1)})
  good, update = step(None, state, jnp.ones(2))
  assert not is_skipped(jax.device_get(update))
  assert (int(good.step), good.variables['a']['params'].tolist()) == (5, [2, 2])
  bad, update = step(None, state, jnp.array([1.0, jnp.inf]))
  assert is_skipped(jax.device_get(update)) and int(bad.step) == 5
  assert bad.variables['a']['params'].tolist() == [1, 1]
  assert bad.opt_state['a'].tolist() == [1]


def test_a_terminated_run_saves_and_the_next_start_goes_on(
  whole, tmp_path, monkeypatch
):
  monkeypatch.setattr(ToyTask, 'signal_at', 2)
  with pytest.raises(Stopped) as stop:
    loop.train_and_evaluate(toy_config(), tmp_path)
  assert stop.value.signal_number == signal.SIGTERM
  assert 2 <= checkpoints.latest_step(tmp_path) < STEPS
  monkeypatch.setattr(ToyTask, 'signal_at', None)
  loop.train_and_evaluate(toy_config(), tmp_path)
  assert losses(tmp_path) == whole[1]


def workers_config(steps):
  """Rendered faces, decoded by a process of its own, without end."""
  config = toy_config(steps)
  config.data.workers = config.data.prefetch = 1
  config.data.identities, config.data.clip_frames = 2, 2
  config.checkpoint.every = steps
  return config


def test_a_stop_of_all_processes_saves_for_workers_outlive_it(
  tmp_path, monkeypatch
):
  monkeypatch.setattr(loop.pipeline, 'make_iterator', REAL_DATA)
  monkeypatch.setattr(ToyTask, 'signal_at', 2)
  monkeypatch.setattr(ToyTask, 'workers_signal', signal.SIGTERM)
  with pytest.raises(Stopped):
    loop.train_and_evaluate(workers_config(10**6), tmp_path)
  assert checkpoints.latest_step(tmp_path) >= 2
  assert not multiprocessing.active_children()


def test_what_was_learnt_is_saved_when_the_data_fail(tmp_path, monkeypatch):
  monkeypatch.setattr(loop.pipeline, 'make_iterator', REAL_DATA)
  monkeypatch.setattr(ToyTask, 'signal_at', 2)
  monkeypatch.setattr(ToyTask, 'workers_signal', signal.SIGKILL)
  with pytest.raises(DataError, match='exit code -9'):
    loop.train_and_evaluate(workers_config(10**6), tmp_path)
  assert checkpoints.latest_step(tmp_path) == losses(tmp_path)[-1][0]


def test_a_second_run_in_the_same_workdir_is_refused_and_changes_nothing(
  tmp_path,
):
  with (
    locks.lock_workdir(tmp_path),
    pytest.raises(UsageError, match=f'process {os.getpid()} on'),
  ):
    loop.train_and_evaluate(toy_config(), tmp_path)
  assert [path.name for path in tmp_path.iterdir()] == ['lock']


def fail_to_write(*_, **__):
  raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
  'owner, writer',
  [
    (loop.Reports, 'write'),
    (checkpoints.ocp.CheckpointManager, 'save'),
    (checkpoints.ocp.CheckpointManager, 'wait_until_finished'),
  ],
)
def test_a_full_disk_is_one_line_that_names_the_last_whole_checkpoint(
  tmp_path, monkeypatch, owner, writer
):
  loop.train_and_evaluate(toy_config(steps=1), tmp_path)
  monkeypatch.setattr(owner, writer, fail_to_write)
  line = r'\A[^\n]*No space left on device[^\n]*checkpoints/1\.[^\n]*\Z'
  with pytest.raises(UsageError, match=line):
    loop.train_and_evaluate(toy_config(steps=2), tmp_path)


def test_a_written_workdir_is_trained_with_fresh_optimizers(tmp_path):
  painter = {'params': {'kernel': np.full((3, 3), 7, np.float32)}}
  config = toy_config(steps=1)
  config.optimizer.learning_rate = 1e-9
  checkpoints.write_workdir(tmp_path, config, {'painter': painter})
  state = loop.train_and_evaluate(config, tmp_path)
  kernel = state.variables['painter']['params']['kernel']
  np.testing.assert_allclose(kernel, 7, atol=1e-4)
  assert checkpoints.latest_step(tmp_path) == 1


def test_a_finished_run_is_left_as_it_is(tmp_path):
  loop.train_and_evaluate(toy_config(steps=1), tmp_path)
  before = losses(tmp_path)
  state = loop.train_and_evaluate(toy_config(steps=1), tmp_path)
  assert int(state.step) == 1
  assert losses(tmp_path) == before


def test_scores_and_pictures_are_reported_when_due(tmp_path, monkeypatch):
  monkeypatch.setattr(loop, 'make_scorer', lambda *_: lambda _: {'psnr': 20.0})
  config = toy_config(steps=4)
  config.report.every, config.report.eval_every = 2, 4
  config.report.images_every, config.report.images = 2, 3
  loop.train_and_evaluate(config, tmp_path)
  lines = (tmp_path / 'metrics.jsonl').read_text().splitlines()
  assert ['test/psnr' in line for line in lines] == [False, True]
  names = sorted(path.name for path in (tmp_path / 'images').iterdir())
  assert names == ['0000002_train.png', '0000004_train.png']


@pytest.mark.parametrize('metric, steps', [('l1', 2), ('psnr', 4)])
def test_the_networks_of_the_best_score_are_kept(
  tmp_path, monkeypatch, metric, steps
):
  values = iter((3.0, 1.0, 2.0, 4.0, float('nan'), 0.5, 9.0))
  monkeypatch.setattr(
    loop, 'make_scorer', lambda *_: lambda _: {metric: next(values)}
  )
  config = toy_config(steps=5)
  config.report.eval_every, config.report.best = 1, metric
  loop.train_and_evaluate(config, tmp_path)
  best = tmp_path / 'best'
  assert checkpoints.latest_step(best) == steps
  assert json.loads((best / 'score.json').read_text())['step'] == steps
  (tmp_path / 'at').mkdir()
  loop.train_and_evaluate(toy_config(steps), tmp_path / 'at')
  kept, there = (
    checkpoints.read_network(place, 'painter')
    for place in (best, tmp_path / 'at')
  )
  jax.tree.map(np.testing.assert_array_equal, kept, there)
  config.steps = 6  # goes on, and remembers what it must beat
  loop.train_and_evaluate(config, tmp_path)
  assert checkpoints.latest_step(best) == {'l1': 6, 'psnr': 4}[metric]


def test_a_best_score_that_nobody_computes_is_told(
  tmp_path, monkeypatch, caplog
):
  monkeypatch.setattr(loop, 'make_scorer', lambda *_: lambda _: {'l1': 0.1})
  config = toy_config(steps=1)
  config.report.best, config.report.eval_every = 'lpips', 1
  loop.train_and_evaluate(config, tmp_path)
  assert 'no score has that name' in caplog.text
  assert not (tmp_path / 'best').exists()
  config.report.best = 'l3'
  with pytest.raises(UsageError, match=r'report\.best'):
    loop.train_and_evaluate(config, tmp_path / 'other')


def test_what_a_task_warns_of_is_told_at_every_report(tmp_path, caplog):
  with caplog.at_level('WARNING'):
    loop.train_and_evaluate(toy_config(steps=2), tmp_path)
  assert caplog.text.count('the critic is at') == 2


def test_stage_1_comes_first_and_its_depth_goes_to_stage_2(
  tmp_path, monkeypatch
):
  runs = []

  def note(*run):
    runs.append(run)
    return TrainState(jnp.int32(0), {}, {})

  monkeypatch.setattr(loop, 'train_and_evaluate', note)
  start = starts.Start(lambda config, variables: variables, stage_1='depth')
  monkeypatch.setitem(starts.STARTS, 'toy', start)
  config = toy_config()
  loop.train_stages(config, tmp_path)
  assert runs == [(config, tmp_path)]
  config.stage_1 = toy_config(steps=2)
  loop.train_stages(config, tmp_path)
  (first, first_workdir), (second, second_workdir) = runs[1:]
  assert first == config.stage_1
  assert second.init.depth == str(first_workdir) != ''
  assert str(second_workdir) == str(tmp_path) != str(first_workdir)
