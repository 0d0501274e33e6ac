"""Who speaks: an index to a voice, and to how a sound is recorded.

Voices of training and of held-out speakers are different ones of the
synthesisers', and sizes of throats, pitches and paces make many of each.
"""

from typing import NamedTuple

import numpy as np

from data_pipelines.speech.synthesis import Manner
from data_pipelines.speech.texts import SPLITS

SEED = 20_261_129  # of these streams alone
# flite's voices sound the most natural; all speak English. Its older kal and
# kal16 are left out: their sounds do not come at the times that are told.
FLITE = {'train': ('slt', 'awb'), 'test': ('rms',)}
FLITE_SHARE = 0.5
# Of espeak-ng: which languages, of which kind of English, and variants of its
# voice, as people call them who made them.
LANGUAGES = {
  'en': ('en-us', 'en', 'en-gb-scotland', 'en-029'),
  'de': ('de',),
  'fr': ('fr',),
  'es': ('es', 'es-419'),
  'it': ('it',),
}
LANGUAGE_SHARES = (0.6, 0.1, 0.1, 0.1, 0.1)
VARIANTS = {
  'train': (
    'm1', 'm2', 'm3', 'm5', 'm7', 'f1', 'f2', 'f3', 'f5', 'Alex', 'Andy',
    'Annie', 'Gene', 'Michael', 'anika', 'antonio', 'belinda', 'steph', 'max',
    'john', 'Lee', 'ed', 'klatt4', 'paul',
  ),
  'test': ('m4', 'f4', 'Alicia', 'linda', 'robert', 'Marco'),
}  # fmt: skip


class Voice(NamedTuple):
  """A voice that speaks a language."""

  language: str  # of texts.GRAMMARS
  manner: Manner


def draw_voice(index: int, split: str) -> Voice:
  """The voice of a speaker: a pure function of index and split."""
  rng = np.random.default_rng((SEED, SPLITS.index(split), index))
  size = float(np.exp(rng.uniform(-0.14, 0.14)))
  language, program = 'en', 'flite'
  voice = _choose(rng, FLITE[split])
  if rng.random() > FLITE_SHARE:
    program = 'espeak-ng'
    names = list(LANGUAGES)
    language = names[int(rng.choice(len(names), p=LANGUAGE_SHARES))]
    accent = _choose(rng, LANGUAGES[language])
    voice = f'{accent}+{_choose(rng, VARIANTS[split])}'
  manner = Manner(
    program,
    voice,
    pace=float(rng.uniform(0.8, 1.2)),
    pitch=float(rng.uniform(-0.5, 0.5)),
    melody=float(rng.uniform(0.7, 1.7)),
    size=size,
  )
  return Voice(language, manner)


def _choose(rng, options) -> str:
  return options[int(rng.integers(len(options)))]
