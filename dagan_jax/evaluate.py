"""How a network does on people it never saw."""

import functools
import json
from collections.abc import Mapping
from contextlib import closing

import jax
import jax.numpy as jnp
from absl import logging
from etils import epath
from jax.sharding import Mesh
from ml_collections import ConfigDict

from dagan_jax import checkpoints, config_checks, devices, tasks
from dagan_jax.tasks.task import Batch, Task, Variables
from data_pipelines import pipeline


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
  batches = pipeline.make_iterator(config.data, 'test', shard=devices.shard())
  with closing(batches):
    for batch in batches:
      added, weight = _sums(task, variables, devices.put(batch, mesh))
      for name, value in added.items():
        sums[name] = sums.get(name, 0.0) + float(value)
      examples += float(weight)
  return {name: value / examples for name, value in sums.items()}


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
  trained = checkpoints.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  config = config.copy_and_resolve_references()
  config.task, config.model = trained.task, trained.model
  for field in ('image_size', 'sampler', 'views'):
    config.data[field] = trained.data[field]
  config_checks.check(config)
  task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  variables = {
    name: checkpoints.read_network(workdir, name, step) for name in task.scored
  }
  variables = jax.device_put(variables, devices.replicated(mesh))
  values = scores(task, variables, config, mesh)
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
  names = [name for name in values if not name.startswith(tuple(trivial))]
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
