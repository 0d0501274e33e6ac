"""Scores of all pictures of an evaluation at once, as sets."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from dagan_jax.evaluation.evaluation import Row
from dagan_jax.evaluation.scoring import SETS
from dagan_jax.metrics.sets import LEAST_EXAMPLES, PICTURES_PER_FEATURE
from dagan_jax.metrics.table import METRICS, compute_metrics

# Metrics whose value of an example depends on the others.
OF_SETS = frozenset(
  name
  for name, metric in METRICS.items()
  if {f'{one}_set' for one in SETS if one != 'units'} & set(metric.needs)
)

Read = Callable[[str], Mapping[str, Float[np.ndarray, 't c']]]


class _Features(Sequence[Float[np.ndarray, 't c']]):
  """Features of examples, read whenever they are asked for."""

  def __init__(self, rows: Sequence[Row], read: Read, name: str):
    self._rows, self._read, self._name = rows, read, name

  def __len__(self) -> int:
    return len(self._rows)

  def __getitem__(self, place: int) -> Float[np.ndarray, 't c']:
    return self._read(self._rows[place].name)[self._name]

  def __iter__(self) -> Iterator[Float[np.ndarray, 't c']]:
    return (self[place] for place in range(len(self)))


def add_set_scores(
  rows: Sequence[Row], read: Read
) -> tuple[list[Row], dict[str, str]]:
  """The rows with each one's part in the scores of sets.

  Args:
    rows: of an evaluation.
    read: gives the features of an example that is compared, by its name.

  Returns:
    The rows, and by metric why it says nothing of so few pictures.
  """
  compared = [row for row in rows if not row.left_out]
  parts: dict[str, dict[str, float]] = {row.name: {} for row in compared}
  too_few = {}
  for name in SETS:
    if not compared or name not in read(compared[0].name):
      continue
    truth, answer = (
      {f'{side}{name}_set': _Features(compared, read, f'{side}{name}')}
      for side in ('true_', '')
    )
    for metric, values in compute_metrics(truth, {'': answer}).items():
      if not np.isfinite(values).any():
        too_few[metric] = _ask_for_more(name, answer[f'{name}_set'])
        continue
      for row, value in zip(compared, values.tolist(), strict=True):
        parts[row.name][metric] = value
  return [_add(row, parts.get(row.name, {})) for row in rows], too_few


def _add(row: Row, parts: dict[str, float]) -> Row:
  return row._replace(
    values=row.values | parts,
    said=row.said
    | {name: row.frames * math.isfinite(v) for name, v in parts.items()},
  )


def _ask_for_more(name: str, features: _Features) -> str:
  if name == 'units':
    return (
      'needs intensities of videos in which some unit changes, three frames or'
      ' more'
    )
  pictures, width = sum(map(len, features)), features[0].shape[1]
  return (
    f'too few: {pictures} pictures of {len(features)} examples; a Fréchet'
    f' distance needs {PICTURES_PER_FEATURE * width} pictures, a kernel'
    f' distance {LEAST_EXAMPLES} examples'
  )
