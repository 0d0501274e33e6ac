"""Scores how heads turn that are heard in voices, against speakers' own.

    python scripts/measure_heads.py --data DIR/speakers/speech [--workdir RUN]

A row for the truth; for the network of the package, as it samples, and as
`speak` has it acted; and for each workdir, likewise. Means over the held-out
speakers, of one sample each that begins with a head that faces the camera: the
variance of pitch, yaw and roll within a speech (squared degrees), what share of
it is faster than 1 Hz, and how fast heads turn while they speak and in silence
(degrees a second). Two seeds' samples differ by so much (degrees, the mean).
"""

import sys
from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict
from speaker_tables import Rows, make_parser, open_networks, print_table

from dagan_jax.inference.gohd.sampling import hear_motion
from dagan_jax.inference.voice.learnt_head import make_lively
from dagan_jax.metrics.sequences import FRAME_RATE, fast_share
from dagan_jax.models.gohd.networks import build_network
from dagan_jax.weights.boxed import Trained
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media.voice import Voice
from data_pipelines.reading.speeches import Speeches
from data_pipelines.speech.phones import during
from data_pipelines.synthetic.speaking.coarticulation import frame_times

COLUMNS = 'pitch', 'yaw', 'roll', 'fast', 'speaking', 'silent', 'seeds'


def sample(trained: Trained, voice: Voice, seed: int) -> np.ndarray:
  """Poses (n, 6) that go with a voice."""
  network = build_network(trained.config.model.to_dict(), 'pose')
  first = np.zeros(network.channels, np.float32)
  return hear_motion('pose', network, trained.variables, voice, first, seed)


def score(poses: np.ndarray, speaking: np.ndarray) -> dict[str, float]:
  """The values of all COLUMNS but the last; NaN where one says nothing.

  Args:
    poses: (n, 6), radians.
    speaking: (n,) whether a phone sounds.
  """
  turns = np.degrees(poses[:, :3])
  speed = FRAME_RATE * np.linalg.norm(np.diff(turns, axis=0), axis=1)
  spoken, silent = (x[1:] & x[:-1] for x in (speaking, ~speaking))
  numbers = (
    *turns.var(axis=0),
    float(fast_share(jnp.asarray(turns[None]))[0]),
    *(speed[x].mean() if x.any() else np.nan for x in (spoken, silent)),
  )
  return dict(zip(COLUMNS[:-1], map(float, numbers), strict=True))


def draw_heads(
  networks: dict[str, Trained], voice: Voice, seeds: tuple[int, int]
) -> Iterator[tuple[str, list[np.ndarray]]]:
  """Who samples, and poses (n, 6) of both seeds."""
  for name, trained in networks.items():
    pair = [sample(trained, voice, seed) for seed in seeds]
    yield name, pair
    yield f'{name}, acted', [make_lively(x) for x in pair]


def measure(
  data: str, split: str, workdirs_given: list[str], most: int | None
) -> None:
  """Prints a table.

  Raises:
    DataError: there are no such speakers, or a record is damaged.
    UsageError: a workdir holds no network of poses.
  """
  speeches = Speeches(ConfigDict({'path': data}), split)
  networks = open_networks('pose', workdirs_given)
  rows: Rows = {}
  for clip in range(len(speeches.clips))[:most]:
    speech, voice = speeches.listen(clip)
    speaking = during(speech.phones, frame_times(speech.frames))
    rows.setdefault('the truth', []).append(score(speech.pose, speaking))
    # One noise for all speakers would be one sample, however many they are.
    seeds = 2 * clip, 2 * clip + 1
    for name, (poses, other) in draw_heads(networks, voice, seeds):
      apart = np.degrees(poses - other)[:, :3]
      scores = score(poses, speaking) | {'seeds': abs(apart).mean()}
      rows.setdefault(name, []).append(scores)
  print_table(rows, COLUMNS, '.3g')


def main() -> None:
  """Parses the command line."""
  parser = make_parser(__doc__)
  parser.add_argument('--split', default='test', choices=('train', 'test'))
  flags = parser.parse_args()
  measure(flags.data, flags.split, flags.workdir, flags.most)


if __name__ == '__main__':
  sys.exit(exit_code(main))
