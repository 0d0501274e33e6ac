"""Scores how eyes look around that are heard in voices, against speakers' own.

    python scripts/measure_looks.py --data DIR/speakers/speech [--workdir RUN]

A row for the truth; for the network of the package, as it samples, and with
rests, as `speak` has it acted; and for each workdir, likewise. Means over the
speakers, of one sample each, every one with a seed of its own: the variance
across and up within a speech (squared degrees), the farthest from its middle in
both (degrees), how fast eyes move (degrees a second), in how many frames they
rest, and how many jumps of two degrees and more they make in a second.
"""

import sys
from collections.abc import Iterator

import numpy as np
from ml_collections import ConfigDict
from speaker_tables import Rows, make_parser, open_networks, print_table

from dagan_jax.inference.gohd.sampling import hear_motion
from dagan_jax.inference.voice.fixations import fixate
from dagan_jax.metrics.sequences import FRAME_RATE
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.weights.boxed import Trained
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media.voice import Voice
from data_pipelines.reading.speeches import Speeches

COLUMNS = (
  'across', 'up', 'farthest_across', 'farthest_up', 'speed', 'rest', 'jumps',
)  # fmt: skip
_REST = 10.0  # degrees a second, at most, of eyes that rest
_JUMP = 2.0  # degrees from one frame to the next


def score(gaze: np.ndarray) -> dict[str, float]:
  """The values of COLUMNS, of gazes (n, 2) in radians."""
  degrees = np.degrees(gaze)
  steps = np.linalg.norm(np.diff(degrees, axis=0), axis=1)
  numbers = (
    *degrees.var(axis=0),
    *abs(degrees - np.median(degrees, axis=0)).max(axis=0),
    FRAME_RATE * steps.mean(),
    np.mean(FRAME_RATE * steps < _REST),
    FRAME_RATE * np.mean(steps >= _JUMP),
  )
  return dict(zip(COLUMNS, map(float, numbers), strict=True))


def look_around(
  networks: dict[str, Trained], voice: Voice, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
  """Who samples, and gazes (n, 2)."""
  for name, trained in networks.items():
    network = build_network(trained.config.model.to_dict(), 'gaze')
    first = np.zeros(network.channels, np.float32)
    gaze = hear_motion('gaze', network, trained.variables, voice, first, seed)
    yield name, gaze
    yield f'{name}, with rests', fixate(gaze)


def measure(
  data: str, split: str, workdirs_given: list[str], most: int | None
) -> None:
  """Prints a table.

  Raises:
    DataError: there are no such speakers, or a record is damaged.
    UsageError: a workdir holds no network of gazes.
  """
  speeches = Speeches(ConfigDict({'path': data}), split)
  networks = open_networks('gaze', workdirs_given)
  rows: Rows = {}
  for clip in range(len(speeches.clips))[:most]:
    speech, voice = speeches.listen(clip)
    rows.setdefault('the truth', []).append(score(speech.gaze))
    # One noise for all speakers would be one sample, however many they are.
    for name, gaze in look_around(networks, voice, clip):
      rows.setdefault(name, []).append(score(gaze))
  print_table(rows, COLUMNS, '.3g')


def main() -> None:
  """Parses the command line."""
  parser = make_parser(__doc__)
  parser.add_argument('--split', default='test', choices=('train', 'test'))
  flags = parser.parse_args()
  measure(flags.data, flags.split, flags.workdir, flags.most)


if __name__ == '__main__':
  sys.exit(exit_code(main))
