"""An evaluation as one HTML page that needs no other file."""

import itertools
import pathlib
from collections.abc import Iterable
from html import escape

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.evaluation import Evaluation, Row
from dagan_jax.evaluation.examples import Example, LeftOut
from dagan_jax.evaluation.protocol import Protocol
from dagan_jax.evaluation.reports.figures import draw_curve, draw_histogram
from dagan_jax.evaluation.reports.strips import draw_strip
from dagan_jax.evaluation.reports.tables import (
  list_means,
  measured_by,
  show,
)
from dagan_jax.evaluation.scored_frames import ScoredFrames
from dagan_jax.metrics.table import METRICS
from data_pipelines.errors.whole_files import write_whole

_STEPS = 20  # of a curve, from a video's first frame to its last
_RANKS = ('lpips', 'l1', 'identity_similarity')  # the first of these ranks
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem;
  max-width: 68rem; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .7rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; } td.number { text-align: right; white-space: nowrap; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; max-width: 100%;
  vertical-align: top; } figcaption { max-width: 300px; }
figure.strip figcaption { max-width: 480px; }
img { max-width: 100%; } svg text { font: 10px system-ui, sans-serif; }
code { overflow-wrap: anywhere; background: #f3f3f3; padding: 0 .2rem; }
"""


def write_page(
  path: pathlib.Path,
  evaluation: Evaluation,
  protocol: Protocol,
  examples: Iterable[Example | LeftOut],
  frames: ScoredFrames,
) -> None:
  """Writes the page.

  Args:
    path: of the page.
    evaluation: that it shows.
    protocol: of the evaluation.
    examples: of the protocol: the best, the median and the worst are shown.
    frames: their scores, for the curves.

  Raises:
    UsageError: it cannot be written.
  """
  found = {e.name: e for e in examples if isinstance(e, Example)}
  compared = [found[row.name] for row in evaluation.compared]
  body = [
    f'<h1>{escape(evaluation.name)}</h1>',
    f'<p><code>{escape(evaluation.made["command"])}</code></p>',
    f'<p>{len(compared)} of {len(evaluation.rows)} examples are compared, at'
    f' {protocol.size} pixels. A mean is one over examples, of each'
    " example's mean over its frames; the 95 % interval is bootstrapped over"
    ' examples.</p>',
    _table(*list_means(evaluation)),
    _list('Not computed', _not_computed(evaluation)),
    '<h2>Examples</h2>',
    *_strips(evaluation, protocol, found),
    '<h2>Distributions</h2>',
    *_histograms(evaluation),
    *_curves(evaluation, compared, frames),
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


def rank(evaluation: Evaluation) -> tuple[str, list[Row]]:
  """The metric that ranks examples, and these from the best to the worst.

  An example of which it says nothing is no rank.
  """
  metrics = evaluation.metrics
  name = next((name for name in _RANKS if name in metrics), metrics[0])
  sign = -1 if METRICS[name].better == 'higher' else 1
  said = [
    row
    for row in evaluation.compared
    if np.isfinite(row.values.get(name, np.nan))
  ]
  return name, sorted(said, key=lambda row: sign * row.values[name])


def _strips(
  evaluation: Evaluation, protocol: Protocol, found: dict[str, Example]
) -> list[str]:
  name, ranked = rank(evaluation)
  if not ranked:
    return ['<p>No example has a rank.</p>']
  chosen = {
    'best': ranked[0],
    'median': ranked[len(ranked) // 2],
    'worst': ranked[-1],
  }
  panels = 'who drives, and the answer'
  if found[ranked[0].name].source is not None:
    panels = 'the source, who drives, and the answer'
  column = escape(METRICS[name].title)
  return [
    f'<p>Ranked by {column}; side by side: {panels}.</p>',
    *(
      f'<figure class="strip"><img alt="{word}"'
      f' src="{draw_strip(found[row.name], protocol)}">'
      f'<figcaption>{word}: {escape(row.name)}, {show(row.values[name])}'
      '</figcaption></figure>'
      for word, row in chosen.items()
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
  evaluation: Evaluation, compared: list[Example], frames: ScoredFrames
) -> list[str]:
  """How each metric goes from a video's first frame to its last."""
  parts = {name: [] for name in evaluation.metrics}
  for example in compared:
    for name, values in frames.read(example).values.items():
      if len(values) > 1:
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
  return f'<table><tr>{head}</tr>{lines}</table>'
