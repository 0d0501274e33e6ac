"""An evaluation: what a method scored by a protocol, and how it was measured.

It is kept as one JSON file, from which every report is made.
"""

import dataclasses
import functools
import json
import math
import pathlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.confidence import Mean, average, bootstrap_mean
from dagan_jax.evaluation.scoring import Scored
from dagan_jax.evaluation.written_files import open_written
from dagan_jax.metrics.table import METRICS
from data_pipelines.errors.whole_files import write_whole

_KIND = 'an evaluation of dagan_jax'
_DIGITS = 7  # of a value, significant


class Row(NamedTuple):
  """An example: means over its frames."""

  name: str
  frames: int
  values: dict[str, float]  # by metric; NaN: says nothing of any frame
  said: dict[str, int]  # by metric: of how many frames it says something
  faceless: dict[str, int]  # frames without a face, by whose they are
  left_out: str  # why it is not compared; '': it is
  remark: str
  truth: str = ''  # a digest of what it was compared with; '': not known
  key: str = ''  # of its scores, see `KeptScores`


@dataclasses.dataclass(frozen=True)
class Evaluation:
  """All that is known of a method by a protocol."""

  name: str  # of the method, in tables
  made: dict[str, Any]  # the command, versions, the commit
  protocol: dict[str, Any]  # without its list
  detectors: list[dict[str, Any]]  # name, version, sha256, failures
  not_computed: dict[str, str]  # by metric: how to get it
  rows: list[Row]
  folder: pathlib.Path | None = None  # where its frames' scores lie

  @functools.cached_property
  def compared(self) -> list[Row]:
    """The examples that are not left out."""
    return [row for row in self.rows if not row.left_out]

  @property
  def metrics(self) -> list[str]:
    """The metrics that were computed, in the table's order."""
    names = {name for row in self.compared for name in row.values}
    return [name for name in METRICS if name in names]

  def values(self, metric: str) -> np.ndarray:
    """Of each example that is compared; NaN where nothing is said of it."""
    return np.array(
      [row.values.get(metric, np.nan) for row in self.compared], float
    )

  def values_by_name(self, metric: str) -> dict[str, float]:
    """Of the examples that are compared."""
    values = self.values(metric)
    names = (row.name for row in self.compared)
    return dict(zip(names, values.tolist(), strict=True))

  def means(self) -> dict[str, Mean]:
    """Over the examples, by metric."""
    return self._means

  @functools.cached_property  # every report shows them
  def _means(self) -> dict[str, Mean]:
    seed = self.protocol['seed']
    return {
      name: bootstrap_mean(self.values(name), seed) for name in self.metrics
    }

  def lost_frames(self, metric: str) -> int:
    """Of how many compared frames a metric says nothing."""
    return sum(row.frames - row.said.get(metric, 0) for row in self.compared)


def summarize(scored: Scored) -> Row:
  """An example's means over the frames of which a metric says something."""
  values, said = {}, {}
  for name, of_frames in scored.values.items():
    array = np.array(of_frames)
    said[name] = int(np.isfinite(array).sum())
    values[name] = average(array)
  return Row(
    scored.name,
    scored.frames,
    values,
    said,
    scored.faceless,
    scored.left_out,
    scored.remark,
  )


def average_rows(rows: Sequence[Row]) -> dict[str, float]:
  """Means over the examples of which a metric says something, by its name."""
  names = dict.fromkeys(name for row in rows for name in row.values)
  means = {
    name: average(np.array([row.values.get(name, np.nan) for row in rows]))
    for name in names
  }
  return {name: mean for name, mean in means.items() if np.isfinite(mean)}


def write_evaluation(path: pathlib.Path, evaluation: Evaluation) -> None:
  """Writes the JSON file; a UsageError tells of a place that refuses it."""
  means = evaluation.means()
  said = {
    'kind': _KIND,
    'name': evaluation.name,
    'made': evaluation.made,
    'protocol': evaluation.protocol,
    'detectors': evaluation.detectors,
    'examples': len(evaluation.rows),
    'compared': len(evaluation.compared),
    'frames': sum(row.frames for row in evaluation.compared),
    'means': {
      name: {
        'column': METRICS[name].title,
        **mean._asdict(),
        'frames_without': evaluation.lost_frames(name),
      }
      for name, mean in means.items()
    },
    'not_computed': evaluation.not_computed,
    'rows': [row._asdict() for row in evaluation.rows],
  }
  with write_whole(path, error=UsageError) as partial:
    text = json.dumps(finite(said), indent=1, allow_nan=False)
    partial.write_text(text + '\n', encoding='utf-8')


def read_evaluation(path: pathlib.Path) -> Evaluation:
  """Reads the JSON file.

  Raises:
    UsageError: it cannot be read, or is no evaluation.
  """
  otherwise = (
    'no evaluation; give a scores.json that python -m dagan_jax.evaluate wrote'
  )
  with open_written(path, _KIND, otherwise) as said:
    rows = [
      Row(**row | {'values': {n: _number(v) for n, v in row['values'].items()}})
      for row in said['rows']
    ]
    names = {field.name for field in dataclasses.fields(Evaluation)}
    fields = {name: said[name] for name in names - {'rows', 'folder'}}
    return Evaluation(**fields, rows=rows, folder=path.parent)


def finite(said: Any) -> Any:
  """The same with None for NaN, which JSON does not know, and rounded."""
  if isinstance(said, dict):
    return {name: finite(value) for name, value in said.items()}
  if isinstance(said, list | tuple):
    return [finite(value) for value in said]
  if isinstance(said, float):
    return float(f'{said:.{_DIGITS}g}') if math.isfinite(said) else None
  return said


def _number(value: float | None) -> float:
  return np.nan if value is None else float(value)
