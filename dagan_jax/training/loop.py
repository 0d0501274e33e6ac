"""The one loop: devices, data, restore, step, report, save.

It runs any Task and knows no network.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import grain
import jax
import jax.numpy as jnp
import numpy as np
from absl import logging
from clu import metrics
from etils import epath
from jax.sharding import Mesh
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.sheets import contact_sheet
from dagan_jax.evaluation import evaluate
from dagan_jax.runs import config_checks, devices
from dagan_jax.runs.checkpoints import (
  Checkpoints,
  PathLike,
  read_config,
  start_workdir,
)
from dagan_jax.tasks.task import Task, TrainState
from dagan_jax.training.reports import Reports
from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import pipeline


def train_stages(config: ConfigDict, workdir: PathLike) -> TrainState:
  """Trains `config.stage_1`, if any, in <workdir>/stage_1, then `config`.

  Stages that are done are passed over. Raises as `train_and_evaluate` does.
  """
  config = config.copy_and_resolve_references()
  if config.get('stage_1'):
    devices.start()
    config_checks.check(config)  # rather now than after hours of stage 1
    workdir = epath.Path(workdir)
    logging.info('stage 1 of 2: face depth')
    train_and_evaluate(config.stage_1, workdir / 'stage_1')
    logging.info('stage 2 of 2: reenactment')
    config.init.depth = str(workdir / 'stage_1')
  return train_and_evaluate(config, workdir)


def train_and_evaluate(config: ConfigDict, workdir: PathLike) -> TrainState:
  """Trains `config.task` up to step `config.steps`, from where `workdir` is.

  SIGINT and SIGTERM save a checkpoint and exit with 128 plus their number.

  Raises:
    UsageError: the config is impossible, the workdir holds another network, or
      a loss stopped being finite.
    DataError: there is nothing to train on.
  """
  devices.start()
  config = with_given_model(config)
  config_checks.check(config)
  workdir = epath.Path(workdir)
  start_workdir(workdir, config)
  task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  key = devices.random_key(config.seed, mesh)
  data = pipeline.make_iterator(config.data, 'train', shard=devices.shard())
  with (
    closing(data),
    Checkpoints(workdir, keep=config.checkpoint.keep) as checkpoints,
    _stop_signals() as stop_signals,
  ):
    first = next(data)  # each host by itself makes the same fresh state
    state = task.init(jax.random.key(config.seed), first)
    state = jax.device_put(state, devices.replicated(mesh))
    state, data_restored = _resumed(state, task, checkpoints, data)
    start = int(state.step)
    if start >= config.steps:
      logging.info('%s: all %d steps are done', workdir, start)
      return state
    batch = devices.put(next(data) if data_restored else first, mesh)
    with Reports(
      workdir,
      start=start,
      steps=config.steps,
      batch_size=config.data.batch_size,
    ) as reports:
      reports.overview({name: state.variables[name] for name in task.saved})
      train_step = jitted_step(task, mesh)
      images = _jitted_images(task, mesh, config.report.images)
      losses = _Losses(checkpoints)
      for step in range(start + 1, config.steps + 1):
        began = time.perf_counter()
        if step > start + 1:
          try:
            batch = devices.put(next(data), mesh)
          except RuntimeError:
            if not stop_signals:
              raise
            # The signal went to all processes and ended the data's workers.
            losses.check()
            _save(step - 1, state, task, checkpoints, data)
            stop = True
            break
          reports.waited(time.perf_counter() - began)
        state, update = train_step(key, state, batch)
        losses.add(step, update)
        if step == start + 1:
          losses.check()
          reports.first_step(step, time.perf_counter() - began)
        reports.stepped()
        last = step == config.steps
        stop = bool(stop_signals) or checkpoints.preempted(step)
        row, speed = {}, None
        if last or step % config.report.every == 0:
          row, speed = losses.mean(), reports.speed(step)
          for warning in task.warnings(row):
            logging.warning('%s', warning)
        if _due(step, config.report.images_every, last):
          rows = task.draw(jax.device_get(images(state.variables, batch)))
          reports.picture(step, 'train', contact_sheet(rows))
        if last or stop or step % config.checkpoint.every == 0:
          losses.check()
          _save(step, state, task, checkpoints, data)
        if _due(step, config.report.eval_every, last) and not stop:
          row |= _scores(task, state, config, mesh)
        if row:
          reports.write(step, row, speed)
          reports.start_clock(step)
        if stop:
          break
    kept = checkpoints.wait()
    logging.info('step %d is saved in %s', kept, checkpoints.folder)
    if stop:
      logging.info('stopped; the same command goes on from here')
      raise SystemExit(128 + (stop_signals or [signal.SIGTERM])[0])
  return state


def with_given_model(config: ConfigDict) -> ConfigDict:
  """The config, or, if its model is empty, with that of `init.reenactor`.

  The size of the pictures belongs to the model.

  Raises:
    UsageError: no workdir is named, or it cannot be read.
  """
  if config.model or 'reenactor' not in config.init:
    return config
  if not config.init.reenactor:
    raise UsageError(
      'the config has no model of its own: name the workdir of a trained or'
      ' converted one, --config.init.reenactor=WORKDIR'
    )
  given = read_config(config.init.reenactor)
  config = config.copy_and_resolve_references()
  config.model = given.model
  config.data.image_size = given.data.image_size
  return config


def jitted_step(task: Task, mesh: Mesh) -> Callable[..., Any]:
  """`task.train_step` on a mesh; the state it is given is used up."""
  whole, shared = devices.replicated(mesh), devices.over_batch(mesh)
  return jax.jit(
    task.train_step,
    in_shardings=(whole, whole, shared),
    out_shardings=whole,
    donate_argnums=1,
  )


def _jitted_images(task: Task, mesh: Mesh, count: int) -> Callable[..., Any]:
  def images(variables, batch):
    return task.images(
      variables, {name: x[:count] for name, x in batch.items()}
    )

  return jax.jit(images, out_shardings=devices.replicated(mesh))


def _resumed(
  state: TrainState,
  task: Task,
  checkpoints: Checkpoints,
  data: grain.DatasetIterator,
) -> tuple[TrainState, bool]:
  """The state saved last, else `state`; whether `data` stands there too."""
  trees = _trees(state, task)
  restored = checkpoints.restore(trees)
  if restored is None:
    return state, False
  step, found = restored
  data_restored = checkpoints.restore_other(
    step, 'data', grain.checkpoint.CheckpointRestore(data)
  )
  fresh = sorted(trees.keys() - found.keys())
  if not data_restored:
    fresh.append('data')
  logging.info('going on from step %d in %s', step, checkpoints.folder)
  if fresh:
    logging.info('it holds no %s: fresh from here on', ', '.join(fresh))
  optimizers = found.pop('optimizers', state.opt_state)
  state = state.replace(
    step=jax.device_put(
      jnp.asarray(step, state.step.dtype), state.step.sharding
    ),
    variables=state.variables | found,
    opt_state=optimizers,
  )
  return state, data_restored


def _save(
  step: int,
  state: TrainState,
  task: Task,
  checkpoints: Checkpoints,
  data: grain.DatasetIterator,
) -> None:
  position = grain.checkpoint.CheckpointSave(data)
  checkpoints.save(step, _trees(state, task), {'data': position})


def _trees(state: TrainState, task: Task) -> dict[str, Any]:
  networks = {name: state.variables[name] for name in task.saved}
  return {**networks, 'optimizers': state.opt_state}


def _scores(
  task: Task, state: TrainState, config: ConfigDict, mesh: Mesh
) -> dict[str, float]:
  try:
    scores = evaluate.scores(task, state.variables, config, mesh)
  except DataError as error:
    logging.warning('no scores: %s', error)
    return {}
  return {f'test/{name}': float(score) for name, score in scores.items()}


def _due(step: int, every: int, last: bool) -> bool:
  return every > 0 and (last or step % every == 0)


class _Losses:
  """The losses since the last report, each looked at one step late.

  While the host waits for the losses of a step, the devices have the next one
  to work on.
  """

  def __init__(self, checkpoints: Checkpoints):
    self._checkpoints = checkpoints
    self._pending: tuple[int, metrics.Collection] | None = None
    self._sum: metrics.Collection | None = None

  def add(self, step: int, update: metrics.Collection) -> None:
    """Takes a step's losses, and checks those of the step before."""
    self.check()
    self._pending = step, update

  def check(self) -> None:
    """Waits for the step taken last.

    Raises:
      UsageError: names the losses that are not finite.
    """
    if self._pending is None:
      return
    step, update = self._pending
    self._pending = None
    update = jax.device_get(update)
    bad = [
      name
      for name, value in update.compute().items()
      if not np.isfinite(value).all()
    ]
    if bad:
      kept = self._checkpoints.wait()
      good = (
        'no checkpoint was saved before'
        if kept is None
        else f'the last good checkpoint is {self._checkpoints.folder}/{kept}'
      )
      raise UsageError(
        f'not finite at step {step}: {", ".join(bad)}; {good}. A smaller'
        ' optimizer.learning_rate or an optimizer.clip_norm may help'
      )
    self._sum = update if self._sum is None else self._sum.merge(update)

  def mean(self) -> dict[str, float]:
    """Averages over the steps since the last call, the latest included."""
    self.check()
    values = self._sum.compute()
    self._sum = None
    return {name: float(value) for name, value in values.items()}


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
  """The signals that asked the loop to stop; a second one stops at once.

  In a run of many hosts the cluster tells all of them at the same step.
  """
  asked = []
  before = {}

  def note(number, _):
    asked.append(number)
    signal.signal(number, before[number])
    logging.info('stopping after this step; once more: at once')

  main = threading.current_thread() is threading.main_thread()
  if main and jax.process_count() == 1:
    for number in (signal.SIGINT, signal.SIGTERM):
      before[number] = signal.signal(number, note)
  try:
    yield asked
  finally:
    for number, handler in before.items():
      signal.signal(number, handler)
