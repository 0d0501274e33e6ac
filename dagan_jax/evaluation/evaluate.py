"""How a network does on people it never saw."""

import json

import jax
from absl import logging
from etils import epath
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.scores import make_scorer
from dagan_jax.evaluation.table import show_scores
from dagan_jax.runs import checkpoints, config_checks, devices, workdirs
from dagan_jax.runs.joining import together
from dagan_jax.runs.workdirs import of_this_version
from data_pipelines.errors.whole_files import write_whole


@together
def evaluate(config: ConfigDict, workdir: str) -> dict[str, float]:
  """Scores the latest checkpoint of a workdir; keeps and shows a table.

  The network and its pictures' size are the workdir's, the held-out data those
  of `config`. Writes `<workdir>/evaluate/test.json`.

  Raises:
    UsageError: the workdir holds no checkpoint, or the config is impossible.
    DataError: nothing is held out.
  """
  trained = workdirs.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  config = config.copy_and_resolve_references()
  if config.task != trained.task:
    raise UsageError(
      f'{workdir} has learnt {trained.task!r}, the config is of'
      f' {config.task!r}: score it with a config of its own task'
    )
  config.model = trained.model
  for field in ('image_size', 'sampler', 'views'):
    # An older workdir may lack some: then the config's own counts.
    config.data[field] = trained.data.get(field, config.data[field])
  config_checks.check(config)
  with of_this_version(workdir):
    task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  missing = set(task.dispensable) - checkpoints.network_names(workdir)
  variables = {
    name: checkpoints.read_average(workdir, name, step)
    for name in task.scored
    if name not in missing
  }
  variables = jax.device_put(variables, devices.replicated(mesh))
  score = make_scorer(task, config, mesh, thorough=True)
  values = score(variables)
  if jax.process_index() == 0:
    path = epath.Path(workdir) / 'evaluate' / 'test.json'
    with write_whole(path, error=UsageError) as partial:
      partial.write_text(json.dumps({'step': step, **values}, indent=2) + '\n')
    logging.info(
      'step %d, held-out means:\n%s', step, show_scores(values, task.trivial)
    )
    logging.info('%s', path)
  return values
