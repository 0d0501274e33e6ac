"""Means of several evaluations as a table for a log."""

from collections.abc import Sequence

from dagan_jax.evaluation.evaluation import Evaluation
from dagan_jax.evaluation.reports.tables import show, show_interval
from dagan_jax.metrics.table import METRICS


def show_means(evaluations: Sequence[Evaluation]) -> str:
  """A line for each metric, a column for each method: mean and 95 % interval.

  A gap is left where a method has no such score.
  """
  of_methods = [evaluation.means() for evaluation in evaluations]
  names = [name for name in METRICS if any(name in each for each in of_methods)]
  lines = [['', *(evaluation.name for evaluation in evaluations)]]
  for name in names:
    cells = [METRICS[name].title]
    for means in of_methods:
      mean = means.get(name)
      cells.append(
        '' if mean is None else f'{show(mean.value)} ({show_interval(mean)})'
      )
    lines.append(cells)
  widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
  return '\n'.join(
    '  '.join(f'{cell:{w}}' for cell, w in zip(line, widths, strict=True))
    for line in lines
  )
