"""A comparison of methods as a Markdown page and as JSON."""

import json
import pathlib
from collections.abc import Sequence

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation import published
from dagan_jax.evaluation.beside import Compared
from dagan_jax.evaluation.confidence import Difference
from dagan_jax.evaluation.evaluation import Evaluation, finite
from dagan_jax.evaluation.protocol import SAME
from dagan_jax.evaluation.reports.tables import show, show_interval, show_rows
from dagan_jax.metrics.table import METRICS
from data_pipelines.errors.whole_files import write_whole

_RARE = 0.05  # a difference is marked whose p is below


def show_comparison(
  evaluations: Sequence[Evaluation], compared: Sequence[Compared]
) -> str:
  """The papers' layout, a row for each method, and how sure differences are."""
  first, *others = compared
  protocol = evaluations[0].protocol
  foreign = published.SAME_IDENTITY if protocol['identity'] == SAME else ()
  columns = {name: METRICS[name].title for name in first.means}
  if foreign:
    columns |= published.OWN
  rows = [
    [
      method.name,
      *(_cell(method, name) for name in columns),
    ]
    for method in compared
  ]
  for row in foreign:
    cells = [show(row.values.get(name, np.nan)) for name in columns]
    rows.append([f'{row.method}, {row.where} ({published.MARK})', *cells])
  counts = [mean.examples for mean in first.means.values()]
  parts = [
    f'# {", ".join(method.name for method in compared)}',
    f'{protocol["identity"]}, {protocol["pairs"]} examples at'
    f' {protocol["size"]} pixels, protocol `{protocol["sha256"][:12]}`. Each'
    ' mean is over the examples of which the metric says something for every'
    f' method: {min(counts)} to {max(counts)} of them. * marks a difference to'
    f' {first.name} with p < {_RARE}, by a paired bootstrap over examples, not'
    ' corrected for the number of comparisons.',
    show_rows(['method', *columns.values()], rows),
    '## Means with 95 % intervals',
    show_rows(
      ['metric', *(method.name for method in compared)],
      (
        [
          METRICS[name].title,
          *(
            f'{show(method.means[name].value)}'
            f' ({show_interval(method.means[name])})'
            for method in compared
          ),
        ]
        for name in first.means
      ),
    ),
    f'## Differences to {first.name}',
    show_rows(
      ['metric', *(method.name for method in others)],
      (
        [
          METRICS[name].title,
          *(_show_difference(method.differences[name]) for method in others),
        ]
        for name in first.means
      ),
    ),
  ]
  return '\n\n'.join(parts) + '\n'


def write_comparison(
  folder: pathlib.Path,
  evaluations: Sequence[Evaluation],
  compared: Sequence[Compared],
) -> None:
  """Writes comparison.md and comparison.json into a folder.

  Raises:
    UsageError: they cannot be written.
  """
  said = {
    'protocol': evaluations[0].protocol,
    'detectors': evaluations[0].detectors,
    'methods': [
      {
        'name': method.name,
        'made': evaluation.made,
        'means': {n: mean._asdict() for n, mean in method.means.items()},
        'differences_to_the_first': {
          name: {**difference.mean._asdict(), 'p': difference.p}
          for name, difference in method.differences.items()
        },
      }
      for method, evaluation in zip(compared, evaluations, strict=True)
    ],
  }
  for name, text in (
    ('comparison.md', show_comparison(evaluations, compared)),
    ('comparison.json', json.dumps(finite(said), indent=1) + '\n'),
  ):
    with write_whole(folder / name, error=UsageError) as partial:
      partial.write_text(text, encoding='utf-8')


def _cell(method: Compared, name: str) -> str:
  if name not in method.means:
    return '–'
  difference = method.differences.get(name)
  is_marked = difference is not None and difference.p < _RARE
  return show(method.means[name].value) + ('*' if is_marked else '')


def _show_difference(difference: Difference) -> str:
  mean = difference.mean
  if mean.examples < 2:
    return f'{_sign(mean.value)} (needs three examples)'
  bounds = f'{_sign(mean.low)} to {_sign(mean.high)}'
  return f'{_sign(mean.value)} ({bounds}; p {difference.p:.3f})'


def _sign(value: float) -> str:
  return f'{value:+.3g}' if np.isfinite(value) else '–'
