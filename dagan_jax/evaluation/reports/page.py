"""An evaluation as one HTML page that needs no other file."""

import itertools
import pathlib
from collections.abc import Callable, Mapping, Sequence
from html import escape

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.evaluation import Evaluation, Row
from dagan_jax.evaluation.reports.figures import draw_curve, draw_histogram
from dagan_jax.evaluation.reports.strips import Moment, draw_strip
from dagan_jax.evaluation.reports.tables import (
  list_means,
  measured_by,
  show,
)
from dagan_jax.evaluation.scoring import Values
from dagan_jax.metrics.table import METRICS
from data_pipelines.errors.whole_files import write_whole

_STEPS = 20  # of a curve, from a video's first frame to its last
_RANKS = ('lpips', 'l1', 'identity_similarity')  # the first of these ranks
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem;
  max-width: 68rem; color: #222; background: #fff; }
div.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .7rem; text-align: left;
  vertical-align: top; }
th { font-weight: 600; } td:first-child { min-width: 8rem; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; max-width: 100%;
  vertical-align: top; } figcaption { max-width: 300px; }
figure.strip figcaption { max-width: 480px; }
img { max-width: 100%; } svg text { font: 10px system-ui, sans-serif; }
code { overflow-wrap: anywhere; background: #f3f3f3; padding: 0 .2rem; }
"""


def write_page(
  path: pathlib.Path,
  evaluation: Evaluation,
  strips: Mapping[str, Sequence[Moment]],
  read_frames: Callable[[str], Values],
) -> None:
  """Writes the page.

  Args:
    path: of the page.
    evaluation: that it shows.
    strips: pictures of those of `choose_shown`, by the examples' names; none of
      one that has no pictures.
    read_frames: gives the scores of the frames of an example that is compared,
      by its name.

  Raises:
    UsageError: it cannot be written.
  """
  body = [
    f'<h1>{escape(evaluation.name)}</h1>',
    f'<p><code>{escape(evaluation.made["command"])}</code></p>',
    f'<p>{len(evaluation.compared)} of {len(evaluation.rows)} examples are'
    f' compared, at {evaluation.protocol["size"]} pixels. A mean is one over'
    " examples, of each example's mean over its frames; the 95 % interval is"
    ' bootstrapped over examples.</p>',
    _table(*list_means(evaluation)),
    _list('Not computed', _not_computed(evaluation)),
    *_strips(evaluation, strips),
    '<h2>Distributions</h2>',
    *_histograms(evaluation),
    *_curves(evaluation, read_frames),
    _list('Left out', _lines(evaluation.rows, 'left_out')),
    _list('Remarks', _lines(evaluation.compared, 'remark')),
    '<h2>How it was measured</h2>',
    _table(*measured_by(evaluation)),
  ]
  page = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta'
    ' name="viewport" content="width=device-width, initial-scale=1">'
    f'<title>{escape(evaluation.name)}</title><style>{_STYLE}</style></head>'
    f'<body>{"".join(body)}</body></html>\n'
  )
  with write_whole(path, error=UsageError) as partial:
    partial.write_text(page, encoding='utf-8')


def choose_shown(evaluation: Evaluation) -> dict[str, Row]:
  """The best, the median and the worst example, by these words.

  One of which the ranking metric says nothing is no rank.
  """
  if not evaluation.metrics:
    return {}
  name = _ranking_metric(evaluation)
  sign = -1 if METRICS[name].better == 'higher' else 1
  said = [
    row
    for row in evaluation.compared
    if np.isfinite(row.values.get(name, np.nan))
  ]
  if not said:
    return {}
  ranked = sorted(said, key=lambda row: sign * row.values[name])
  return {
    'best': ranked[0],
    'median': ranked[len(ranked) // 2],
    'worst': ranked[-1],
  }


def _ranking_metric(evaluation: Evaluation) -> str:
  metrics = evaluation.metrics
  return next((name for name in _RANKS if name in metrics), metrics[0])


def _strips(
  evaluation: Evaluation, strips: Mapping[str, Sequence[Moment]]
) -> list[str]:
  shown = {
    word: row
    for word, row in choose_shown(evaluation).items()
    if strips.get(row.name)
  }
  if not shown:
    return []
  metric = _ranking_metric(evaluation)
  panels = ', '.join(strips[next(iter(shown.values())).name][0])
  return [
    '<h2>Examples</h2>',
    f'<p>Ranked by {escape(METRICS[metric].title)}; side by side:'
    f' {escape(panels)}.</p>',
    *(
      f'<figure class="strip"><img alt="{word}"'
      f' src="{draw_strip(strips[row.name])}">'
      f'<figcaption>{word}: {escape(row.name)}, {show(row.values[metric])}'
      '</figcaption></figure>'
      for word, row in shown.items()
    ),
  ]


def _histograms(evaluation: Evaluation) -> list[str]:
  figures = []
  for name in evaluation.metrics:
    values = evaluation.values(name)
    values = values[np.isfinite(values)]
    if len(values):
      figures.append(_figure(name, draw_histogram(values, 'examples')))
  return figures


def _curves(
  evaluation: Evaluation, read_frames: Callable[[str], Values]
) -> list[str]:
  """How each metric goes from a video's first frame to its last."""
  parts = {name: [] for name in evaluation.metrics}
  for row in evaluation.compared:
    for name, values in read_frames(row.name).items():
      if name in parts and len(values) > 1:
        parts[name].append(_divide(np.array(values)))
  figures = []
  for name, of_videos in parts.items():
    count = np.isfinite(of_videos).sum(axis=0)
    if np.any(count):
      means = np.nansum(of_videos, axis=0) / np.where(count > 0, count, np.nan)
      drawn = draw_curve(means, 'mean over examples', 'share of the video')
      figures.append(_figure(name, drawn))
  return ['<h2>Over time</h2>', *figures] if figures else []


def _divide(values: np.ndarray) -> np.ndarray:
  """Means of equal parts of a video; NaN where nothing is said of one."""
  edges = np.arange(_STEPS + 1) * len(values) // _STEPS
  parts = [
    values[start : max(stop, start + 1)]
    for start, stop in itertools.pairwise(edges)
  ]
  said = [part[np.isfinite(part)] for part in parts]
  return np.array([part.mean() if len(part) else np.nan for part in said])


def _figure(metric: str, drawn: str) -> str:
  title = escape(METRICS[metric].title)
  return f'<figure>{drawn}<figcaption>{title}</figcaption></figure>'


def _not_computed(evaluation: Evaluation) -> list[str]:
  return [
    f'{METRICS[name].title}: {why}'
    for name, why in evaluation.not_computed.items()
  ]


def _lines(rows: list[Row], field: str) -> list[str]:
  return [
    f'{row.name}: {getattr(row, field)}' for row in rows if getattr(row, field)
  ]


def _list(title: str, lines: list[str]) -> str:
  if not lines:
    return ''
  items = ''.join(f'<li>{escape(line)}</li>' for line in lines)
  return f'<h2>{title}: {len(lines)}</h2><ul>{items}</ul>'


def _table(header: list[str], rows: list[list[str]]) -> str:
  head = ''.join(f'<th>{escape(cell)}</th>' for cell in header)
  lines = ''.join(
    f'<tr>{"".join(f"<td>{escape(cell)}</td>" for cell in row)}</tr>'
    for row in rows
  )
  table = f'<table><tr>{head}</tr>{lines}</table>'
  return f'<div class="wide">{table}</div>'
