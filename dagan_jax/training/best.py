"""Keeps the networks of a run that scored best, as a workdir of their own."""

import json
import math
from collections.abc import Mapping

import jax
from absl import logging
from etils import epath
from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from dagan_jax.metrics.table import METRICS
from dagan_jax.runs import hosts
from dagan_jax.runs.checkpoints import Checkpoints, Tree
from dagan_jax.runs.workdirs import (
  checkpoint_folder,
  newest_first,
  start_workdir,
)
from data_pipelines.errors.whole_files import write_whole


class Best:
  """`<workdir>/best`: a workdir that animates, and `score.json` beside.

  It holds one checkpoint, of the held-out score that `report.best` names. A run
  that goes on remembers the score that it must beat.
  """

  def __init__(self, workdir: epath.Path, config: ConfigDict):
    """Opens it; nothing is written before there is a score."""
    self._folder = workdir / 'best'
    self._config = config
    self._metric = config.report.best
    self._value: float | None = None
    path = self._folder / 'score.json'
    if self._metric and path.exists():
      said = json.loads(path.read_text())
      if said['metric'] == self._metric:
        self._value = said['value']

  def keep(
    self, step: int, scores: Mapping[str, float], networks: Mapping[str, Tree]
  ) -> None:
    """Keeps the networks if they score better than all before.

    Args:
      step: that they are of.
      scores: of held-out people, by metric; equal on all hosts.
      networks: all that a checkpoint holds.

    Raises:
      UsageError: it cannot be written.
    """
    if not self._metric or not scores:
      return
    if self._metric not in scores:
      logging.warning(
        'report.best is %r, and no score has that name: %s',
        self._metric,
        ', '.join(scores),
      )
      return
    value = scores[self._metric]
    if not self._beats(value):
      return
    start_workdir(self._folder, self._config)
    self._remove_from(step)
    with Checkpoints(self._folder, keep=1) as checkpoints:
      checkpoints.save(step, networks)
    self._value = value
    if jax.process_index() == 0:
      said = {'step': step, 'metric': self._metric, 'value': value}
      path = self._folder / 'score.json'
      with write_whole(path, error=UsageError) as partial:
        partial.write_text(json.dumps(said) + '\n')
      logging.info('the best %s so far: %.4g', self._metric, value)

  def _remove_from(self, step: int) -> None:
    """Removes what is kept of this step or later ones, on the first host.

    A run may have gone back since, to an older checkpoint: Orbax passes over
    what is older than the last one that it keeps.
    """
    folder = checkpoint_folder(self._folder)
    if jax.process_index() == 0:
      for path in newest_first(folder):
        if int(path.name) >= step:
          (self._folder / 'score.json').unlink(missing_ok=True)
          path.rmtree()
    hosts.gather(step)  # none saves before that is done

  def _beats(self, value: float) -> bool:
    """Whether it is better than the best; what is not finite never is."""
    if not math.isfinite(value):
      return False
    if self._value is None:
      return True
    if METRICS[self._metric].better == 'higher':
      return value > self._value
    return value < self._value
