"""Scores mouths that are heard in voices against held-out speakers' own.

    python scripts/measure_lips.py --data DIR/speakers/speech [--workdir RUN]

A row for the truth; for what phones tell who knows them, but not how loud they
are; for the rule; for the network of the package, as it has learnt, and as the
actor of `speak` exaggerates it; and for each workdir, likewise. Means over the
speakers: how lip openings correlate with the truth, how far they are off (mm),
in how many frames of p, b and m lips are shut, how fast lips move in silence
(mm/s), and how far the mouth's landmarks are off (mm).
"""

import sys
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict
from speaker_tables import Rows, make_parser, open_networks, print_table

from dagan_jax.geometry.morphable_face import landmarks_alone
from dagan_jax.inference.face_models import rendered_face
from dagan_jax.inference.voice.learnt_lips import (
  MOUTH,
  hear_expressions,
  make_expressive,
)
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.tasks.gohd.faces import describe
from dagan_jax.weights.boxed import Trained
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media.articulation import listen
from data_pipelines.media.voice import Voice
from data_pipelines.reading.speeches import Speeches
from data_pipelines.recorded.speeches import Speech
from data_pipelines.speech.phones import BILABIAL, during
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.lip_sync import move_lips
from data_pipelines.synthetic.speaking.coarticulation import (
  frame_times,
  move_mouth,
)

COLUMNS = (
  'lip_correlation',
  'opening_error',
  'bilabial_closure',
  'silent_movement',
  'mouth_distance',
)


def hear_mouths(
  mappers: dict[str, Trained], speech: Speech, voice: Voice
) -> Iterator[tuple[str, np.ndarray]]:
  """Who hears, and expressions (n, 52) of the frames, as far as they go."""
  yield 'the truth', speech.expression[:, : len(EXPRESSIONS)]
  yield 'phones alone', move_mouth(speech.phones, frame_times(speech.frames))
  heard = listen([speech.waveform / np.float32(2**15)])
  yield 'rule', move_lips(heard)
  for name, mapper in mappers.items():
    found = hear_expressions(mapper, voice)
    yield name, np.clip(found[:, : len(EXPRESSIONS)], 0, 1)
    acted = np.zeros((len(found), len(EXPRESSIONS)), np.float32)
    acted[:, MOUTH] = make_expressive(found, heard.speaking)
    yield f'{name}, acted', acted


def score(speech: Speech, expression: np.ndarray) -> dict[str, float]:
  """The values of COLUMNS; NaN where one says nothing of a speech."""
  times = frame_times(speech.frames)
  frames = {
    'speaking': during(speech.phones, times),
    'bilabial': during(speech.phones, times, BILABIAL),
  }
  whole = rendered_face()
  face = landmarks_alone(
    jnp.asarray(whole.mean[whole.landmarks]),
    jnp.asarray(whole.expression[:, whole.landmarks]),
  )
  true, found = (
    describe(face, jnp.asarray(x)[None])
    for x in (speech.expression[:, : len(EXPRESSIONS)], expression)
  )
  truth = {f'true_{name}': x for name, x in true.items()}
  truth |= {name: jnp.asarray(x)[None] for name, x in frames.items()}
  values = jax.device_get(compute_metrics(truth, {'': found}))
  return {name: float(values[name][0]) for name in COLUMNS}


def measure(data: str, workdirs_given: list[str], most: int | None) -> None:
  """Prints a table.

  Raises:
    DataError: there are no held-out speakers, or a record is damaged.
    UsageError: a workdir holds no mapper that is told nothing of eyes.
  """
  speeches = Speeches(ConfigDict({'path': data}), 'test')
  mappers = open_networks('expression', workdirs_given)
  rows: Rows = {}
  for clip in range(len(speeches.clips))[:most]:
    speech, voice = speeches.listen(clip)
    for name, expression in hear_mouths(mappers, speech, voice):
      rows.setdefault(name, []).append(score(speech, expression))
  print_table(rows, COLUMNS, '.3f')


def main() -> None:
  """Parses the command line."""
  flags = make_parser(__doc__).parse_args()
  measure(flags.data, flags.workdir, flags.most)


if __name__ == '__main__':
  sys.exit(exit_code(main))
