"""Scores models on rendered people and on real clips, as tables.

  python scripts/compare_models.py --models runs/people runs/synthetic \\
    --clips CLIPS --output runs/comparison

Each clip's first frame drives itself through the clip. Rows are what a model
draws, the moved source by itself, and a copy of the source. `ours` names the
model that the package carries. Writes table.md and scores.json.
"""

import argparse
import json
import pathlib
import shlex
import sys
from collections.abc import Iterator

from absl import logging

from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.evaluation.comparison import (
  Clip,
  Mean,
  compare_models,
  read_clips,
  render_people,
)
from dagan_jax.evaluation.features import load_weights
from dagan_jax.weights.boxed import open_trained
from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.faces.landmarks import LandmarkDetector

COLUMNS = {
  'l1': 'L1',
  'psnr': 'PSNR, dB',
  'ssim': 'SSIM',
  'lpips': 'LPIPS (alex)',
  'landmark_distance': 'landmarks, px of 256',
  'landmark_error': 'landmarks / eyes',
  'identity_distance': 'identity (dlib)',
}
Scores = dict[str, dict[str, Mean]]


def run(asked: argparse.Namespace) -> str:
  """Scores what is asked; returns the tables and writes them.

  Raises:
    UsageError: a model is not there or not of this version.
    DataError: there are no clips.
  """
  models = {
    name: open_trained(None if name == 'ours' else name)
    for name in asked.models
  }
  try:
    detector = LandmarkDetector()
  except DataError as error:
    logging.warning('nothing is said of faces: %s', error)
    detector = None
  weights = load_weights(('alexnet',))
  tables, scores = [], {}
  for title, clips in _list_data(asked):
    logging.info('%s', title)
    scores[title] = compare_models(models, clips, weights, detector)
    tables.append(show_table(title, scores[title]))
  command = shlex.join(['python', *sys.argv])
  text = f'`{command}`\n\n' + '\n'.join(tables)
  folder = pathlib.Path(asked.output)
  folder.mkdir(parents=True, exist_ok=True)
  numbers = {
    title: {
      row: {metric: mean._asdict() for metric, mean in means.items()}
      for row, means in rows.items()
    }
    for title, rows in scores.items()
  }
  for name, content in (
    ('table.md', text),
    ('scores.json', json.dumps({'command': command, **numbers}, indent=2)),
  ):
    with write_whole(folder / name, error=UsageError) as partial:
      partial.write_text(content + '\n')
  return text


def show_table(title: str, scores: Scores) -> str:
  """A Markdown table; a row for each answer.

  Where a metric says something of some frames only, the others are counted.
  """
  header = [title, *COLUMNS.values()]
  lines = [_row(header), _row(['---'] * len(header))]
  for name, means in scores.items():
    total = means['l1'].frames
    cells = [_cell(means.get(metric), total) for metric in COLUMNS]
    lines.append(_row([name, *cells]))
  frames = next(iter(scores.values()))['l1'].frames
  return '\n'.join([*lines, '', f'{frames} frames.', ''])


def _row(cells: list[str]) -> str:
  return f'| {" | ".join(cells)} |'


def _cell(mean: Mean | None, total: int) -> str:
  if mean is None:
    return 'not computed'
  lost = f' ({total - mean.frames} not found)' if mean.frames < total else ''
  return (f'{mean.value:.4f}' if mean.frames else 'no face') + lost


def _list_data(
  asked: argparse.Namespace,
) -> Iterator[tuple[str, Iterator[Clip]]]:
  """What is scored on, and what it is called."""
  if asked.people:
    people = render_people(asked.people, asked.frames, asked.size)
    yield f'{asked.people} rendered people', people
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
