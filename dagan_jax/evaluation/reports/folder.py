"""The folder that tells all of an evaluation."""

import pathlib
from collections.abc import Callable, Mapping, Sequence

from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.evaluation import Evaluation, write_evaluation
from dagan_jax.evaluation.protocol import Protocol, write_protocol
from dagan_jax.evaluation.reports.page import write_page
from dagan_jax.evaluation.reports.strips import Moment
from dagan_jax.evaluation.reports.tables import show_evaluation, write_rows
from dagan_jax.evaluation.scoring import Values
from data_pipelines.errors.whole_files import write_whole


def write_reports(
  folder: pathlib.Path,
  evaluation: Evaluation,
  protocol: Protocol,
  *,
  strips: Mapping[str, Sequence[Moment]],
  read_frames: Callable[[str], Values],
) -> None:
  """Writes protocol.json, scores.json, examples.csv, report.md, report.html.

  Args:
    folder: that they go to.
    evaluation: that they tell of.
    protocol: of the evaluation.
    strips: as `write_page` takes them.
    read_frames: likewise.

  Raises:
    UsageError: they cannot be written.
  """
  write_protocol(folder / 'protocol.json', protocol)
  write_evaluation(folder / 'scores.json', evaluation)
  write_rows(folder / 'examples.csv', evaluation)
  with write_whole(folder / 'report.md', error=UsageError) as partial:
    partial.write_text(show_evaluation(evaluation), encoding='utf-8')
  write_page(folder / 'report.html', evaluation, strips, read_frames)
