"""Methods beside each other, by their evaluations, on the same examples."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.common_examples import share_examples
from dagan_jax.evaluation.confidence import (
  Difference,
  Mean,
  bootstrap_difference,
  bootstrap_mean,
)
from dagan_jax.evaluation.evaluation import Evaluation
from dagan_jax.metrics.table import METRICS


class Compared(NamedTuple):
  """A method beside the first one."""

  name: str
  means: dict[str, Mean]  # by metric, over the examples that count
  differences: dict[str, Difference]  # to the first method; none of its own


def compare(evaluations: Sequence[Evaluation]) -> list[Compared]:
  """Means of all methods over the same examples, and what parts them.

  An example counts for a metric where it says something of every method: else
  a method would gain by failing where it is hard.

  Raises:
    UsageError: they were not scored alike, or share a name.
  """
  _check_alike(evaluations)
  evaluations = share_examples(evaluations)
  seed = evaluations[0].protocol['seed']
  compared = [Compared(each.name, {}, {}) for each in evaluations]
  for metric in METRICS:
    if any(metric not in each.metrics for each in evaluations):
      continue
    first, *_ = values = _share(evaluations, metric)
    for place, (method, of_method) in enumerate(
      zip(compared, values, strict=True)
    ):
      method.means[metric] = bootstrap_mean(of_method, seed)
      if place:
        method.differences[metric] = bootstrap_difference(
          of_method, first, seed
        )
  return compared


def _share(evaluations: Sequence[Evaluation], metric: str) -> np.ndarray:
  """Values by method and example; NaN in all where one says nothing."""
  names = [row.name for row in evaluations[0].rows]
  values = np.array(
    [
      [each.values_by_name(metric).get(name, np.nan) for name in names]
      for each in evaluations
    ]
  )
  return np.where(np.isfinite(values).all(axis=0), values, np.nan)


def _check_alike(evaluations: Sequence[Evaluation]) -> None:
  """Raises UsageError unless all saw and were measured by the same."""
  if len(evaluations) < 2:
    raise UsageError('--compare needs two or more files, scores.json of each')
  first = evaluations[0]
  names = [evaluation.name for evaluation in evaluations]
  for name in names:
    if names.count(name) > 1:
      raise UsageError(
        f'two evaluations are called {name}: score one with another --name'
      )
  for other in evaluations[1:]:
    if other.protocol['sha256'] != first.protocol['sha256']:
      raise UsageError(
        f'{other.name} and {first.name} were scored by different protocols:'
        " score one by the other's protocol.json, --protocol"
      )
    if other.detectors != first.detectors:
      raise UsageError(
        f'{other.name} and {first.name} were measured by different networks:'
        ' score both where the same packages are installed'
      )
    _check_truth(first, other)


def _check_truth(first: Evaluation, other: Evaluation) -> None:
  """Raises UsageError where a true video was replaced in between."""
  known = {row.name: row.truth for row in first.rows}
  differ = [
    row.name
    for row in other.rows
    if row.truth and known.get(row.name) and row.truth != known[row.name]
  ]
  if differ:
    raise UsageError(
      f'{differ[0]} ({len(differ)} of {len(other.rows)} examples) was another'
      f' true video, or another portrait, for {other.name} than for'
      f' {first.name}: score both against the same files'
    )
