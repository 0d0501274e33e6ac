"""Scores true clips after this package's encoder: how far each metric moves.

  python scripts/measure_encoding.py --clips CLIPS --output runs/encoding

No method that writes such videos can score better, and a difference between two
methods that is smaller than one between two rows here is no difference.
"""

import argparse
import pathlib
import sys

from dagan_jax.console import log
from dagan_jax.evaluation.answers import (
  TRUTH,
  Clip,
  read_clips,
  write_frames,
)
from dagan_jax.evaluation.assessment import assess
from dagan_jax.evaluation.beside import compare
from dagan_jax.evaluation.reports.comparison import (
  show_comparison,
  write_comparison,
)
from dagan_jax.evaluation.reports.tables import show_evaluation
from dagan_jax.evaluation.request import Request
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media.video_writer import VideoWriter

_RATE = 25  # frames per second


def run(asked: argparse.Namespace) -> str:
  """Encodes and scores; returns the table and writes it.

  Raises:
    DataError: there are no clips, or the folder cannot be written.
  """
  folder = pathlib.Path(asked.output)
  clips = read_clips(pathlib.Path(asked.clips), 1, asked.most, asked.size)
  for clip in clips:
    write_encoded(clip, asked.crf, folder)
  evaluations = [
    assess(
      Request(
        generated=str(folder / f'crf {crf}'),
        truth=str(folder / TRUTH),
        output=str(folder / 'scores' / f'crf {crf}'),
        size=asked.size,
      )
    )
    for crf in asked.crf
  ]
  if len(evaluations) == 1:
    return show_evaluation(evaluations[0])
  compared = compare(evaluations)
  write_comparison(folder, evaluations, compared)
  return show_comparison(evaluations, compared)


def write_encoded(clip: Clip, crfs: list[int], folder: pathlib.Path) -> None:
  """Writes TRUTH/CLIP/00000.png, and `crf N`/CLIP.mp4 for each N."""
  write_frames(folder / TRUTH / clip.name, clip.frames)
  for crf in crfs:
    path = folder / f'crf {crf}' / f'{clip.name}.mp4'
    with VideoWriter(path, _RATE, crf=crf) as video:
      for frame in clip.frames:
        video.write(frame)


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  add = parser.add_argument
  add('--clips', required=True, help='a folder of videos')
  add('--output', required=True, help='the folder that tables go to')
  add(
    '--crf',
    type=int,
    nargs='+',
    default=[16, 18, 23, 28],
    help='how much is lost: 0 nothing, 51 most (default: 16 18 23 28)',
  )
  add('--most', type=int, default=12, help='frames of a clip at most')
  add('--size', type=int, default=256, help='pixels that are compared')
  log.quiet()
  asked = parser.parse_args()
  sys.exit(exit_code(lambda: print(run(asked))))


if __name__ == '__main__':
  main()
