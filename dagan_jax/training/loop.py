"""The one loop: devices, data, restore, step, report, save.

It runs any Task and knows no network.
"""

import signal
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import jax
import jax.numpy as jnp
from absl import logging
from etils import epath
from jax.sharding import Mesh
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.drawing.sheets import contact_sheet
from dagan_jax.drawing.tasks import DRAWINGS
from dagan_jax.evaluation.scores import Score, make_scorer
from dagan_jax.runs import config_checks, devices
from dagan_jax.runs.checkpoints import AVERAGE, Checkpoints
from dagan_jax.runs.joining import together
from dagan_jax.runs.locks import lock_workdir
from dagan_jax.runs.shared_workdir import check_shared
from dagan_jax.runs.workdirs import PathLike, start_workdir
from dagan_jax.tasks.task import Task, TrainState
from dagan_jax.training import starts
from dagan_jax.training.best import Best
from dagan_jax.training.loss_watch import LossWatch
from dagan_jax.training.not_finite import skip_not_finite
from dagan_jax.training.out_of_memory import tell_what_needs_less
from dagan_jax.training.reports import Reports
from dagan_jax.training.save_timer import SaveTimer
from dagan_jax.training.signals import note_stop_signals
from dagan_jax.training.watchdog import Watchdog
from data_pipelines.errors.mendable import DataError, Stopped
from data_pipelines.errors.workers import show_workers
from data_pipelines.reading import pipeline


@together
def train_stages(config: ConfigDict, workdir: PathLike) -> TrainState:
  """Trains `config.stage_1`, if any, in <workdir>/stage_1, then `config`.

  Stages that are done are passed over. Raises as `train_and_evaluate` does.
  """
  config = config.copy_and_resolve_references()
  if config.get('stage_1'):
    config_checks.check(config)  # rather now than after hours of stage 1
    workdir = epath.Path(workdir)
    logging.info('stage 1 of 2: %s', config.stage_1.task)
    train_and_evaluate(config.stage_1, workdir / 'stage_1')
    logging.info('stage 2 of 2: %s', config.task)
    config.init[starts.STARTS[config.task].stage_1] = str(workdir / 'stage_1')
  return train_and_evaluate(config, workdir)


@together
def train_and_evaluate(config: ConfigDict, workdir: PathLike) -> TrainState:
  """Trains `config.task` up to step `config.steps`, from where `workdir` is.

  Raises:
    Stopped: SIGINT or SIGTERM came; a checkpoint of that moment is saved.
    UsageError: the config is impossible, the workdir holds another network or
      another run, or cannot be written, or a loss stopped being finite.
    DataError: there is nothing to train on.
  """
  config = starts.choose_given(starts.take_model(config), workdir)
  config_checks.check(config)
  with lock_workdir(workdir):
    return _train(config, epath.Path(workdir))


def _train(config: ConfigDict, workdir: epath.Path) -> TrainState:
  start_workdir(workdir, config)
  check_shared(workdir)
  task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  key = devices.random_key(config.seed, mesh)
  data = pipeline.make_iterator(config.data, 'train', shard=devices.shard())
  with (
    closing(data),
    Checkpoints(
      workdir,
      keep=config.checkpoint.keep,
      milestones=config.checkpoint.milestones,
    ) as checkpoints,
    checkpoints.told_when_full(),
    tell_what_needs_less(),
    Watchdog(
      config.report.hung_after, lambda: show_workers(pipeline.WORKER)
    ) as watchdog,
    note_stop_signals() as stop_signals,
  ):
    first = next(data)  # each host by itself makes the same fresh state
    state = starts.make_state(config, task, first)
    layout = devices.divided(state, mesh, config.divide_above)
    state = jax.device_put(state, layout)
    state, data_restored = _resume(state, task, checkpoints, data)
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
      skips = config.nan_skips if config.nan_policy == 'skip' else 0
      train_step = jitted_step(task, mesh, layout, skip=skips > 0)
      images = _jitted_images(task, mesh, config.report.images)
      score = make_scorer(task, config, mesh)
      best = Best(workdir, config)
      losses = LossWatch(checkpoints, skips)
      timer = SaveTimer(config.checkpoint.minutes)
      for step in range(start + 1, config.steps + 1):
        began = time.perf_counter()
        if step > start + 1:
          try:
            batch = devices.put(next(data), mesh)
          except (DataError, RuntimeError):
            # What was learnt is whole, whatever became of the data.
            if jax.process_count() > 1:  # the others cannot save now
              raise
            losses.check()
            _save(step - 1, state, task, checkpoints, data)
            if not stop_signals:
              _tell_saved(checkpoints)
              raise
            stop = True
            break
          reports.waited(time.perf_counter() - began)
        state, update = train_step(key, state, batch)
        losses.add(step, update)
        if step == start + 1:
          losses.check()
          reports.first_step(step, time.perf_counter() - began)
        reports.stepped()
        watchdog.stepped(step)
        last = step == config.steps
        stop = bool(stop_signals) or checkpoints.preempted(step)
        row, speed = {}, None
        due = last or step % config.checkpoint.every == 0
        if last or step % config.report.every == 0:
          due = due or timer.is_up()
          row, speed = losses.mean(), reports.speed(step)
          for warning in task.warnings(row) if row else ():
            logging.warning('%s', warning)
        if _due(step, config.report.images_every, last):
          found = jax.device_get(images(state.variables, batch))
          rows = DRAWINGS[config.task](*found)
          reports.picture(step, 'train', contact_sheet(rows))
        if due or stop:
          losses.check()
          _save(step, state, task, checkpoints, data)
          timer.restart()
        if _due(step, config.report.eval_every, last) and not stop:
          scores = _scores(score, state)
          row |= {f'test/{name}': value for name, value in scores.items()}
          best.keep(step, scores, _networks(state, task))
        if row:
          reports.write(step, row, speed)
          reports.start_clock(step)
        if stop:
          break
    _tell_saved(checkpoints)
    if stop:
      logging.info('stopped; the same command goes on from here')
      raise Stopped((stop_signals or [signal.SIGTERM])[0])
  return state


def jitted_step(
  task: Task, mesh: Mesh, layout: Any = None, *, skip: bool = False
) -> Callable[..., Any]:
  """`task.train_step` on a mesh; the state it is given is used up.

  With `skip`, an update that is not finite is taken back. `layout` says how the
  state lies on the mesh (see `devices.divided`); None: whole on every device.
  """
  whole, shared = devices.replicated(mesh), devices.over_batch(mesh)
  layout = layout or whole

  def train_step(key, state, batch):
    # A network that is divided comes together for the step. Left to itself, XLA
    # may divide the arithmetic as parameters are, instead of by examples.
    networks = {
      name: tree
      if name.endswith(AVERAGE)  # it is compared number by number
      else jax.lax.with_sharding_constraint(tree, whole)
      for name, tree in state.variables.items()
    }
    return task.train_step(key, state.replace(variables=networks), batch)

  return jax.jit(
    skip_not_finite(train_step) if skip else train_step,
    in_shardings=(whole, layout, shared),
    out_shardings=(layout, whole),
    donate_argnums=1,
  )


def _jitted_images(task: Task, mesh: Mesh, count: int) -> Callable[..., Any]:
  def images(variables, batch):
    return task.images(
      variables, {name: x[:count] for name, x in batch.items()}
    )

  return jax.jit(images, out_shardings=devices.replicated(mesh))


def _resume(
  state: TrainState,
  task: Task,
  checkpoints: Checkpoints,
  data: pipeline.Batches,
) -> tuple[TrainState, bool]:
  """The state saved last, else `state`; whether `data` stands there too."""
  trees = _trees(state, task)
  restored = checkpoints.restore(trees)
  if restored is None:
    return state, False
  step, found = restored
  position = checkpoints.restore_position(step)
  fresh = sorted(trees.keys() - found.keys())
  if position is None:
    fresh.append('position in the data')
  else:
    data.set_state(position)
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
  return starts.start_averages(state, fresh), position is not None


def _save(
  step: int,
  state: TrainState,
  task: Task,
  checkpoints: Checkpoints,
  data: pipeline.Batches,
) -> None:
  checkpoints.save(step, _trees(state, task), data.get_state())


def _tell_saved(checkpoints: Checkpoints) -> None:
  kept = checkpoints.wait()
  logging.info('step %d is saved in %s', kept, checkpoints.folder)


def _trees(state: TrainState, task: Task) -> dict[str, Any]:
  return {**_networks(state, task), 'optimizers': state.opt_state}


def _networks(state: TrainState, task: Task) -> dict[str, Any]:
  return {name: state.variables[name] for name in task.saved}


def _scores(score: Score, state: TrainState) -> dict[str, float]:
  try:
    return score(state.variables)
  except DataError as error:
    logging.warning('no scores: %s', error)
    return {}


def _due(step: int, every: int, last: bool) -> bool:
  return every > 0 and (last or step % every == 0)
