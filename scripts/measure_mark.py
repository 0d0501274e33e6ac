"""Measures the invisible mark: what it survives, and how rarely it is imagined.

  python scripts/measure_mark.py --clips CLIPS --output runs/mark

Writes table.json and prints a table: for each clip and each thing done to it
the share of bits that are right and the score. Then it looks in the same clips,
unmarked, for marks of other words, which nobody wrote: their scores are those
of chance. Two PNG files show a frame without and with the mark.
"""

import argparse
import json
import pathlib
import sys
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from dagan_jax.console import log
from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media import pictures, video_reader
from data_pipelines.media.folders import list_folder
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.provenance.mark import WORD, Mark, write_payload
from data_pipelines.provenance.mark_finder import (
  SURE,
  average_flat,
  find_mark,
  fit_word,
  take_waves,
)

_RATE = 25  # frames per second
_VERSION = 9, 42  # carried by the marks
_WORDS = 1000  # that nobody wrote, for each clip
Frames = list[np.ndarray]


def _cut_off(share: float) -> Callable[[np.ndarray], np.ndarray]:
  """Cuts a share of height and width off, more above and left than below."""

  def cut(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    rows, columns = round(height * share), round(width * share)
    top, left = round(0.7 * rows), round(0.6 * columns)
    frame = frame[top : height - rows + top, left : width - columns + left]
    return np.ascontiguousarray(frame)

  return cut


def _halve(frame: np.ndarray) -> np.ndarray:
  height, width = frame.shape[:2]
  size = width // 2, height // 2
  return np.array(Image.fromarray(frame).resize(size, Image.LANCZOS))


# What is done to a marked video: changed frame by frame, and encoded again.
TREATMENTS = {
  'crf 16': (None, '.mp4', 16),
  'crf 18': (None, '.mp4', 18),
  'crf 23': (None, '.mp4', 23),
  'crf 28': (None, '.mp4', 28),
  'half size, crf 23': (_halve, '.mp4', 23),
  '10 % cut off, crf 23': (_cut_off(0.1), '.mp4', 23),
  '25 % cut off, crf 23': (_cut_off(0.25), '.mp4', 23),
  'gif': (None, '.gif', 0),
  'webp': (None, '.webp', 0),
}


def run(asked: argparse.Namespace) -> str:
  """Measures all clips; returns the table and writes it.

  Raises:
    DataError: there are no clips, or the folder cannot be written.
  """
  folder = pathlib.Path(asked.output)
  paths = list_folder(pathlib.Path(asked.clips)).videos
  if not paths:
    raise DataError(f'{asked.clips}: holds no video')
  rows = []
  for path in paths:
    frames = list(video_reader.read(path).spread(asked.most))
    rows.append({'clip': path.stem, **measure(frames, folder)})
    _write_pair(frames[0], folder, path.stem)
  with write_whole(folder / 'table.json') as partial:
    partial.write_text(json.dumps(rows, indent=1))
  return show(rows)


def measure(frames: Frames, folder: pathlib.Path) -> dict:
  """The scores of one clip.

  Args:
    frames: the unmarked clip, uint8 (h, w, 3).
    folder: where treated videos are for a while.
  """
  mark = Mark(_VERSION)
  began = time.process_time()
  marked = [mark(frame) for frame in frames]
  seconds = time.process_time() - began
  height, width = frames[0].shape[:2]
  treated = {
    name: _score(_treat(marked, folder, *treatment))
    for name, treatment in TREATMENTS.items()
  }
  return {
    'size': f'{width} x {height}',
    'psnr': min(map(_decibels, frames, marked)),
    'milliseconds': 1000 * seconds / len(frames),
    'unmarked': find_mark(frames).score,
    'chance': score_chance(frames),
    'treated': treated,
  }


def score_chance(frames: Frames) -> list[float]:
  """The scores of words that nobody wrote into the frames, largest first."""
  found = take_waves(average_flat(frames))
  words = np.random.default_rng(0).integers(0, 2, (_WORDS, len(WORD)))
  return sorted((fit_word(found, word).score for word in words), reverse=True)


def show(rows: list[dict]) -> str:
  """The table of all clips, a line each: share of bits right, and score."""
  names = ['clip', 'size', 'PSNR', 'ms', 'unmarked', *TREATMENTS]
  lines = [names, ['---'] * len(names)]
  for row in rows:
    line = [row['clip'], row['size'], f'{row["psnr"]:.1f}']
    line += [f'{row["milliseconds"]:.1f}', f'{row["unmarked"]:.1f}']
    for share, score in row['treated'].values():
      line.append(f'{share:.0%} ({score:.1f})')
    lines.append(line)
  table = '\n'.join(f'| {" | ".join(line)} |' for line in lines)
  chance = sorted((x for row in rows for x in row['chance']), reverse=True)
  return (
    f'{table}\n\nA mark is certain from a score of {SURE} on. Of'
    f' {len(chance)} words that nobody wrote the best scored {chance[0]:.2f},'
    f' one in a hundred {chance[len(chance) // 100]:.2f}, and one in two'
    f' {chance[len(chance) // 2]:.2f}.'
  )


def _treat(
  frames: Frames,
  folder: pathlib.Path,
  change: Callable[[np.ndarray], np.ndarray] | None,
  suffix: str,
  crf: int,
) -> Frames:
  """What is seen in the video after it."""
  path = folder / f'treated{suffix}'
  with VideoWriter(path, _RATE, crf=crf) as video:
    for frame in frames:
      video.write(change(frame) if change else frame)
  seen = list(video_reader.read(path))
  path.unlink()
  return seen


def _score(frames: Frames) -> tuple[float, float]:
  """The share of bits that are right, and the mark's score."""
  finding = find_mark(frames)
  right = finding.bits == write_payload(_VERSION)
  return float(right.mean()), finding.score


def _decibels(frame: np.ndarray, marked: np.ndarray) -> float:
  error = np.mean((frame.astype(np.float32) - marked) ** 2)
  return float(10 * np.log10(255**2 / error))


def _write_pair(frame: np.ndarray, folder: pathlib.Path, name: str) -> None:
  """The frame, and the frame marked, one picture each."""
  pictures.write_picture(folder / f'{name}_unmarked.png', frame)
  pictures.write_picture(folder / f'{name}_marked.png', Mark(_VERSION)(frame))


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  add = parser.add_argument
  add('--clips', required=True, help='a folder of videos')
  add('--output', required=True, help='the folder that the table goes to')
  add('--most', type=int, default=60, help='frames of a clip at most')
  log.quiet()
  asked = parser.parse_args()
  sys.exit(exit_code(lambda: print(run(asked))))


if __name__ == '__main__':
  main()
