"""How a network does on people it never saw: the reports of a workdir."""

import contextlib
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import jax
from absl import logging
from ml_collections import ConfigDict

from dagan_jax import tasks
from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import measured_by, protocol
from dagan_jax.evaluation.beside import compare
from dagan_jax.evaluation.detectors import open_detector
from dagan_jax.evaluation.evaluation import Evaluation, Row, summarize
from dagan_jax.evaluation.features import load_weights
from dagan_jax.evaluation.given_networks import GivenNetworks
from dagan_jax.evaluation.missing import find_remedies, list_missing
from dagan_jax.evaluation.protocol import Protocol
from dagan_jax.evaluation.reports.comparison import write_comparison
from dagan_jax.evaluation.reports.folder import write_reports
from dagan_jax.evaluation.reports.page import choose_shown
from dagan_jax.evaluation.reports.strips import Moment
from dagan_jax.evaluation.scored_frames import ScoredFrames
from dagan_jax.evaluation.scores import HeldOut
from dagan_jax.evaluation.scoring import SETS, Values
from dagan_jax.evaluation.table import show_means
from dagan_jax.metrics.table import METRICS
from dagan_jax.runs import checkpoints, config_checks, devices, hosts, workdirs
from dagan_jax.runs.joining import together
from dagan_jax.runs.tensorboard import open_tensorboard
from dagan_jax.runs.workdirs import of_this_version
from dagan_jax.tasks.task import Task

_ELSEWHERE = 'python -m dagan_jax.evaluate compares {}'
_NOT_HERE = {  # what is not compared of the held-out split
  'source_embedding': _ELSEWHERE.format('with portraits, --source=DIR'),
  'arcface': _ELSEWHERE.format('by ArcFace, --arcface=FILE'),
  'change': _ELSEWHERE.format('frames that follow one another'),
  'true_presence': _ELSEWHERE.format('by action units'),
  'vmaf_frames': _ELSEWHERE.format('videos'),
  'sync_lips': _ELSEWHERE.format('videos with sound, by SyncNet'),
  **{f'{name}_set': _ELSEWHERE.format('sets') for name in SETS},
}


@together
def evaluate(config: ConfigDict, workdir: str) -> list[Evaluation]:
  """Scores the latest checkpoint of a workdir; goes on where it was stopped.

  The network and its pictures' size are the workdir's, the held-out data those
  of `config`. All reports of the network go to `<workdir>/evaluate`, those of
  answers that need no network to folders in it, how they compare beside them,
  and the means to the workdir's TensorBoard. All hosts of a run take part.

  Returns:
    The network's evaluation, then those of the answers without one; on hosts
    other than the first one, nothing.

  Raises:
    UsageError: the workdir holds no checkpoint, or the config is impossible.
    DataError: nothing is held out.
  """
  config, task, step = _read_task(config, workdir)
  weights = load_weights()
  detector, no_faces = open_detector()
  missing = set(task.dispensable) - checkpoints.network_names(workdir)
  mesh = devices.mesh()
  variables = {
    name: checkpoints.read_average(workdir, name, step)
    for name in task.scored
    if name not in missing
  }
  variables = jax.device_put(variables, devices.replicated(mesh))
  held_out = HeldOut(task, config, mesh, weights, detector)
  asked = held_out.protocol
  names = [pair.name for pair in asked.pairs]
  digests = held_out.digests
  keys = {name: f'{name} {digests[name]}'.strip() for name in names}
  given = GivenNetworks()
  networks = measured_by.list_networks(weights, detector, given)
  folder = pathlib.Path(workdir) / 'evaluate'
  measure = {
    **measured_by.describe_measure(asked, networks),
    'data': [config.data.source, config.data.path],
    'checkpoint': [step, _time_of(workdir, step)],
  }
  with contextlib.ExitStack() as stack:
    first, known = jax.process_index() == 0, []
    if first:
      frames = stack.enter_context(ScoredFrames(folder, measure))
      known = [name for name in names if frames.knows(keys[name])]
    for scored in held_out.score(variables, hosts.from_first(known)):
      if first:
        frames.add(keys[scored.name], scored)
    evaluations, shown = {}, []
    if first:
      rows = [
        summarize(frames.read(keys[name]))._replace(truth=digests[name])
        for name in names
      ]
      facts = {
        'made': measured_by.describe_run() | {'step': step},
        'protocol': protocol.describe(asked),
        'detectors': networks,
      }
      own = f'{workdir} at step {step}'  # no other has the same
      remedies = find_remedies(weights, given, detector, no_faces) | _NOT_HERE
      evaluations = {
        beginning: _evaluate_answer(rows, beginning, title, facts, remedies)
        for beginning, title in {'': own, **task.trivial}.items()
      }
      shown = [row.name for row in choose_shown(evaluations['']).values()]
    shown = [] if missing else hosts.from_first(shown)
    strips = {
      name: held_out.show(variables, name) for name in sorted(set(shown))
    }
    if first:

      def read_frames(name: str) -> Values:
        return frames.read(keys[name]).values

      _write(folder, evaluations, asked, read_frames, strips)
      _tell(pathlib.Path(workdir), step, list(evaluations.values()))
  return list(evaluations.values())


def _read_task(
  config: ConfigDict, workdir: str
) -> tuple[ConfigDict, Task, int]:
  """The config with the workdir's network in it, its task and the last step."""
  trained = workdirs.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  config = config.copy_and_resolve_references()
  if config.task != trained.task:
    raise UsageError(
      f'{workdir} has learnt {trained.task!r}, the config is of'
      f' {config.task!r}: score it with a config of its own task'
    )
  config_checks.check(config)
  config.model = trained.model
  for field in ('image_size', 'sampler', 'views'):
    # An older workdir may lack some: then the config's own counts.
    config.data[field] = trained.data.get(field, config.data[field])
  with of_this_version(workdir):
    config_checks.check(config)
    task = tasks.TASKS[config.task](config)
  return config, task, step


def _time_of(workdir: str, step: int) -> int:
  """When a checkpoint was written: another one of that step is another."""
  path = pathlib.Path(workdirs.checkpoint_folder(workdir)) / str(step)
  return path.stat().st_mtime_ns


def _evaluate_answer(
  rows: list[Row],
  beginning: str,
  title: str,
  facts: dict[str, Any],
  remedies: dict[str, str],
) -> Evaluation:
  """Of all that is known, what is of the answer whose metrics begin so."""
  own = [
    row._replace(
      values=_of_answer(row.values, beginning),
      said=_of_answer(row.said, beginning),
    )
    for row in rows
  ]
  computed = {name for row in own for name in row.values}
  missing = list_missing(computed, remedies) if 'l1' in computed else {}
  return Evaluation(name=title, rows=own, not_computed=missing, **facts)


def _of_answer(of_all: Mapping[str, Any], beginning: str) -> dict[str, Any]:
  return {
    name: of_all[beginning + name]
    for name in METRICS
    if beginning + name in of_all
  }


def _write(
  folder: pathlib.Path,
  evaluations: Mapping[str, Evaluation],
  asked: Protocol,
  read_frames: Callable[[str], Values],
  strips: Mapping[str, list[Moment]],
) -> None:
  """Writes the reports of all answers that have a score."""
  for beginning, evaluation in evaluations.items():
    if beginning and not evaluation.metrics:
      continue

    def read_of_answer(name: str, beginning: str = beginning) -> Values:
      return _of_answer(read_frames(name), beginning)

    write_reports(
      folder / evaluation.name if beginning else folder,
      evaluation,
      asked,
      strips={} if beginning else strips,
      read_frames=read_of_answer,
    )
  scored = [each for each in evaluations.values() if each.metrics]
  if len(scored) > 1 and set.intersection(*(set(e.metrics) for e in scored)):
    write_comparison(folder, scored, compare(scored))


def _tell(
  workdir: pathlib.Path, step: int, evaluations: list[Evaluation]
) -> None:
  """Means go to the log, those of the network to TensorBoard as well."""
  logging.info(
    'step %d, held-out means with 95 %% intervals:\n%s',
    step,
    show_means(evaluations),
  )
  logging.info('%s', workdir / 'evaluate' / 'report.html')
  if tensorboard := open_tensorboard(workdir / 'tensorboard'):
    means = evaluations[0].means()
    tensorboard.write_scalars(
      step, {f'evaluate/{name}': mean.value for name, mean in means.items()}
    )
    tensorboard.close()
