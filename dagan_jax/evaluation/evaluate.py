"""How a network does on people it never saw."""

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import closing

import jax
import jax.numpy as jnp
import numpy as np
from absl import logging
from etils import epath
from jax.experimental import multihost_utils
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Float, UInt8
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.geometry.pixels import bytes_of
from dagan_jax.metrics.landmarks import landmark_distance
from dagan_jax.runs import checkpoints, config_checks, devices, workdirs
from dagan_jax.runs.workdirs import of_this_version
from dagan_jax.tasks.task import Batch, PictureTask, Task, Variables
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.reading import pipeline


def scores(
  task: Task,
  variables: dict[str, Variables],
  config: ConfigDict,
  mesh: Mesh,
) -> dict[str, float]:
  """Means of the task's values over the held-out split, over all hosts.

  Raises:
    DataError: nothing is held out.
  """
  sums, examples = {}, 0.0
  for batch in _held_out(config):
    added, weight = _sums(task, variables, devices.put(batch, mesh))
    for name, value in added.items():
      sums[name] = sums.get(name, 0.0) + float(value)
    examples += float(weight)
  return {name: value / examples for name, value in sums.items()}


def _held_out(config: ConfigDict) -> Iterator[Batch]:
  """This host's share of the test split, once."""
  batches = pipeline.make_iterator(config.data, 'test', shard=devices.shard())
  with closing(batches):
    yield from batches


@functools.partial(jax.jit, static_argnums=0)
def _sums(task: Task, variables: dict[str, Variables], batch: Batch):
  """Sums over the examples that count; padding has weight 0."""
  weight = batch['weight']
  values = task.eval_step(variables, batch)
  sums = {
    name: jnp.sum(jnp.where(weight > 0, value * weight, 0.0))
    for name, value in values.items()
  }
  return sums, jnp.sum(weight)


def landmark_scores(
  task: PictureTask,
  variables: dict[str, Variables],
  config: ConfigDict,
  mesh: Mesh,
) -> dict[str, float]:
  """How far the task's answers move landmarks from where the truth has them.

  For each answer, over the held-out split and all hosts: `landmarks_found`,
  the share of examples where a face was found in the true picture and in the
  answer, and `landmark_distance`, the mean over these; absent when there are
  none. Without the detector's packages the log says so, and nothing is scored.

  Read both: in blurred answers faces are not found (9 % of rendered ones are
  lost at a deviation of 4 pixels in 256, 57 % at 8), and the mean leaves them
  out. The detector looks at the truth as well, even where rendered faces could
  tell their landmarks: its bias, 2.5 pixels, is the same in both, so that a
  perfect answer scores 0; one that differs by two grey levels of noise, 0.6.

  Raises:
    DataError: nothing is held out.
  """
  try:
    detector = LandmarkDetector()
  except DataError as error:
    logging.info('no landmark distance: %s', error)
    return {}

  # Once more through the networks: `scores` need not carry pictures about.
  @functools.partial(jax.jit, out_shardings=devices.over_batch(mesh))
  def draw(variables, batch):
    return jax.tree.map(bytes_of, task.answers(variables, batch))

  sums = {}
  for batch in _held_out(config):
    truth, answers = multihost_utils.global_array_to_host_local_array(
      draw(variables, devices.put(batch, mesh)),
      mesh,
      PartitionSpec(devices.AXIS),
    )
    counts = batch['weight'] > 0
    true = _landmarks(detector, np.asarray(truth)[counts])
    for prefix, answer in answers.items():
      found = _landmarks(detector, np.asarray(answer)[counts])
      distances = landmark_distance(true, found, truth.shape[1])
      added = np.nansum(distances), np.isfinite(distances).sum(), counts.sum()
      sums[prefix] = sums.get(prefix, 0) + np.array(added)
  values = {}
  for prefix, each_host in multihost_utils.process_allgather(sums).items():
    distance, found, examples = map(float, each_host.sum(axis=0))
    if found:
      values[f'{prefix}landmark_distance'] = distance / found
    values[f'{prefix}landmarks_found'] = found / examples
  return values


def _landmarks(
  detector: LandmarkDetector, pictures: UInt8[np.ndarray, 'b h w 3']
) -> Float[np.ndarray, 'b 68 2']:
  """In pixels; NaN where there is no face."""
  landmarks = np.full((len(pictures), 68, 2), np.nan, np.float32)
  for place, picture in zip(landmarks, pictures, strict=True):
    found = detector.find(picture)
    if found is not None:
      place[:] = found
  return landmarks


def evaluate(config: ConfigDict, workdir: str) -> dict[str, float]:
  """Scores the latest checkpoint of a workdir; keeps and shows a table.

  The network and its pictures' size are the workdir's, the held-out data those
  of `config`. Writes
  `<workdir>/evaluate/test.json`.

  Raises:
    UsageError: the workdir holds no checkpoint, or the config is impossible.
    DataError: nothing is held out.
  """
  devices.start()
  trained = workdirs.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  config = config.copy_and_resolve_references()
  config.task, config.model = trained.task, trained.model
  for field in ('image_size', 'sampler', 'views'):
    # An older workdir may lack some: then the config's own counts.
    config.data[field] = trained.data.get(field, config.data[field])
  config_checks.check(config)
  with of_this_version(workdir):
    task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  missing = set(task.dispensable) - checkpoints.network_names(workdir)
  variables = {
    name: checkpoints.read_network(workdir, name, step)
    for name in task.scored
    if name not in missing
  }
  variables = jax.device_put(variables, devices.replicated(mesh))
  values = scores(task, variables, config, mesh)
  if isinstance(task, PictureTask):
    values |= landmark_scores(task, variables, config, mesh)
  if jax.process_index() == 0:
    path = epath.Path(workdir) / 'evaluate' / 'test.json'
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({'step': step, **values}, indent=2) + '\n')
    logging.info(
      'step %d, held-out means:\n%s', step, table(values, task.trivial)
    )
    logging.info('%s', path)
  return values


def table(values: dict[str, float], trivial: Mapping[str, str]) -> str:
  """Scores of the network beside those of answers that need none.

  Args:
    values: scores by name.
    trivial: titles of such answers, by how their scores' names begin.
  """
  # Each name once, the network's or not: it may have drawn no face at all.
  names = dict.fromkeys(
    functools.reduce(str.removeprefix, trivial, name) for name in values
  )
  width = max(map(len, names))
  columns = {'': 'network', **trivial}
  lines = [' ' * width + ''.join(f'{title:>16}' for title in columns.values())]
  for name in names:
    cells = [values.get(prefix + name) for prefix in columns]
    lines.append(
      f'{name:{width}}'
      + ''.join(f'{"" if x is None else f"{x:.4f}":>16}' for x in cells)
    )
  return '\n'.join(lines)
