"""Scores the videos of any method, and compares methods: files in, tables out.

`python -m dagan_jax.evaluate --generated=DIR --truth=DIR --output=runs/ours`
"""

import argparse
import pathlib
import sys

from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import add_flags, take_flags
from dagan_jax.evaluation.assessment import assess
from dagan_jax.evaluation.beside import compare
from dagan_jax.evaluation.evaluation import read_evaluation
from dagan_jax.evaluation.examples import check_folder
from dagan_jax.evaluation.pair_lists import write_pairs
from dagan_jax.evaluation.protocol import draw_pairs
from dagan_jax.evaluation.reports.comparison import (
  show_comparison,
  write_comparison,
)
from dagan_jax.evaluation.reports.tables import show_evaluation
from dagan_jax.evaluation.request import Request
from dagan_jax.inference import compile_cache
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.evaluate',
    description='Scores what a method generated, frames or videos, against'
    ' true videos, and writes scores.json, examples.csv, report.md and'
    ' report.html. A run that was stopped goes on where it ended.',
  )
  add_flags(parser, Request)
  parser.add_argument(
    '--compare',
    nargs='+',
    metavar='SCORES',
    help='scores.json of several methods, of one protocol: a table of them'
    ' beside each other and beside published scores, with the significance of'
    ' each difference to the first; --output is the folder that it goes to',
  )
  parser.add_argument(
    '--draw',
    type=int,
    metavar='COUNT',
    help='draws so many pairs of clips of different people, below --driving,'
    ' by lot (--seed); writes the list, pairs.csv, into --output, for a method'
    ' to answer and for --pairs',
  )
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()

  def run() -> None:
    if flags.compare:
      paths = [pathlib.Path(path) for path in flags.compare]
      if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError('--compare names one file twice: give each file once')
      evaluations = [read_evaluation(path) for path in paths]
      compared = compare(evaluations)
      write_comparison(pathlib.Path(flags.output), evaluations, compared)
      print(show_comparison(evaluations, compared))
    elif flags.draw is not None:
      folder = check_folder(flags.driving or '', '--driving')
      path = pathlib.Path(flags.output) / 'pairs.csv'
      write_pairs(path, draw_pairs(folder, flags.draw, flags.seed or 0))
      print(path)
    else:
      print(show_evaluation(assess(take_flags(flags, Request))))

  sys.exit(exit_code(run))


if __name__ == '__main__':
  main()
