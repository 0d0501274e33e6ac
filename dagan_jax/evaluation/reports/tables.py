"""An evaluation as tables: Markdown to read, CSV to compute with."""

import csv
import pathlib
from collections.abc import Iterable

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.confidence import Mean
from dagan_jax.evaluation.evaluation import Evaluation
from dagan_jax.metrics.table import METRICS
from data_pipelines.errors.whole_files import write_whole


def show_evaluation(evaluation: Evaluation) -> str:
  """A Markdown page: means, what is missing, and how it was measured."""
  compared = evaluation.compared
  frames = sum(row.frames for row in compared)
  protocol = evaluation.protocol
  parts = [
    f'# {evaluation.name}',
    f'`{evaluation.made["command"]}`',
    f'{len(compared)} of {len(evaluation.rows)} examples are compared,'
    f' {frames} frames at {protocol["size"]} pixels. A mean is one over'
    " examples, of each example's mean over its frames; the interval is"
    ' bootstrapped over examples.',
    show_rows(*list_means(evaluation)),
  ]
  if evaluation.not_computed:
    lines = (
      f'- {METRICS[name].title}: not computed: {why}'
      for name, why in evaluation.not_computed.items()
    )
    parts += ['## Not computed', '\n'.join(lines)]
  left_out = [row for row in evaluation.rows if row.left_out]
  if left_out:
    lines = (f'- {row.name}: {row.left_out}' for row in left_out)
    parts += [f'## Left out: {len(left_out)} examples', '\n'.join(lines)]
  remarks = [row for row in compared if row.remark]
  if remarks:
    lines = (f'- {row.name}: {row.remark}' for row in remarks)
    parts += [f'## Remarks on {len(remarks)} examples', '\n'.join(lines)]
  parts += ['## How it was measured', show_rows(*measured_by(evaluation))]
  return '\n\n'.join(parts) + '\n'


def list_means(evaluation: Evaluation) -> tuple[list[str], list[list[str]]]:
  """The header and the rows of a table: a row for each metric."""
  rows = [
    [
      METRICS[name].title,
      show(mean.value),
      show_interval(mean),
      str(mean.examples),
      str(evaluation.lost_frames(name)),
    ]
    for name, mean in evaluation.means().items()
  ]
  return ['metric', 'mean', '95 % interval', 'examples', 'frames without'], rows


def write_rows(path: pathlib.Path, evaluation: Evaluation) -> None:
  """Writes a CSV file with a line for each example.

  A cell is empty where nothing is said; a UsageError tells of a place that
  refuses the file.
  """
  metrics = evaluation.metrics
  titles = [METRICS[name].title for name in metrics]
  with (
    write_whole(path, error=UsageError) as partial,
    open(partial, 'w', newline='', encoding='utf-8') as file,
  ):
    writer = csv.writer(file)
    writer.writerow(['example', 'frames', *titles, 'left out', 'remark'])
    for row in evaluation.rows:
      values = (row.values.get(name, np.nan) for name in metrics)
      cells = [f'{v:.7g}' if np.isfinite(v) else '' for v in values]
      writer.writerow([row.name, row.frames, *cells, row.left_out, row.remark])


def show_rows(header: list[str], rows: Iterable[list[str]]) -> str:
  """A Markdown table."""
  lines = [header, ['---'] * len(header), *rows]
  return '\n'.join(
    f'| {" | ".join(cell.replace("|", chr(92) + "|") for cell in line)} |'
    for line in lines
  )


def show(value: float) -> str:
  """A value with four digits; a dash where there is none."""
  return f'{value:.4g}' if np.isfinite(value) else '–'


def show_interval(mean: Mean) -> str:
  """The interval's bounds; why there are none, where there are none."""
  if mean.examples < 2:
    return 'needs three examples'
  return f'{show(mean.low)} to {show(mean.high)}'


def measured_by(evaluation: Evaluation) -> tuple[list[str], list[list[str]]]:
  """The header and the rows of a table: versions and digests."""
  made, protocol = evaluation.made, evaluation.protocol
  rows = [
    ['dagan_jax', f'{made["dagan_jax"]} {made["commit"]}'.strip(), ''],
    ['jax', made['jax'], ''],
    *([['step', str(made['step']), '']] if 'step' in made else []),
    [
      'protocol',
      ', '.join(
        f'{name} {value}'
        for name, value in protocol.items()
        if name != 'sha256'
      ),
      protocol['sha256'],
    ],
  ]
  for detector in evaluation.detectors:
    rows.append(
      [
        detector['name'],
        detector.get('version', ''),
        detector.get('sha256', ''),
      ]
    )
  lost = {}
  for row in evaluation.compared:
    for whose, frames in row.faceless.items():
      lost[whose] = lost.get(whose, 0) + frames
  for whose, frames in lost.items():
    rows.append([f'frames of the {whose} without a face', str(frames), ''])
  return ['what', 'which', 'sha256'], rows
