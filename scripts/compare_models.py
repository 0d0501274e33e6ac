"""Scores models on rendered people and on real clips, as tables.

  python scripts/compare_models.py --models runs/people runs/synthetic \\
    --clips CLIPS --output runs/comparison

Each clip's first frame drives itself through the clip. Methods are what a model
draws, the moved source by itself, and a copy of the source. `ours` names the
model that the package carries. All frames are written, and scored as
`python -m dagan_jax.evaluate` scores those of any method.
"""

import argparse
import pathlib
import sys
from collections.abc import Iterator

from absl import logging

from dagan_jax.console import log
from dagan_jax.evaluation.answers import (
  SOURCE,
  TRUTH,
  Clip,
  read_clips,
  render_people,
  write_answers,
)
from dagan_jax.evaluation.assessment import assess
from dagan_jax.evaluation.beside import compare
from dagan_jax.evaluation.reports.comparison import (
  show_comparison,
  write_comparison,
)
from dagan_jax.evaluation.request import Request
from dagan_jax.weights.boxed import open_trained
from data_pipelines.errors.mendable import exit_code


def run(asked: argparse.Namespace) -> str:
  """Scores what is asked; returns the tables and writes them.

  Raises:
    UsageError: a model is not there or not of this version.
    DataError: there are no clips, or the folder cannot be written.
  """
  models = {
    pathlib.Path(name).name: open_trained(None if name == 'ours' else name)
    for name in asked.models
  }
  pages = []
  for title, clips in _list_data(asked):
    logging.info('%s', title)
    folder = pathlib.Path(asked.output) / title
    names = write_answers(models, clips, folder)
    evaluations = [
      assess(
        Request(
          generated=str(folder / name),
          truth=str(folder / TRUTH),
          source=str(folder / SOURCE),
          output=str(folder / 'scores' / name),
          size=asked.size,
        )
      )
      for name in names
    ]
    compared = compare(evaluations)
    write_comparison(folder, evaluations, compared)
    pages.append(show_comparison(evaluations, compared))
  return '\n'.join(pages)


def _list_data(
  asked: argparse.Namespace,
) -> Iterator[tuple[str, Iterator[Clip]]]:
  """What is scored on, and what it is called."""
  if asked.people:
    people = render_people(asked.people, asked.frames, asked.size)
    yield 'rendered people', people
  if asked.clips:
    folder = pathlib.Path(asked.clips)
    clips = read_clips(folder, asked.every, asked.most, asked.size)
    yield 'real clips', clips


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  add = parser.add_argument
  add('--models', nargs='+', required=True, help='workdirs, files, or ours')
  add('--output', required=True, help='the folder that tables go to')
  add('--people', type=int, default=16, help='rendered people; 0: none')
  add('--frames', type=int, default=8, help='frames of each of them')
  add('--clips', default='', help='a folder of videos; default: none')
  add('--every', type=int, default=10, help='which frames of a clip are taken')
  add('--most', type=int, default=24, help='frames of a clip at most')
  add('--size', type=int, default=128, help='pixels that are compared')
  log.quiet()
  asked = parser.parse_args()
  sys.exit(exit_code(lambda: print(run(asked))))


if __name__ == '__main__':
  main()
