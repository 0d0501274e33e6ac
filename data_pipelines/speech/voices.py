"""Who speaks: an index to a voice, and to how a sound is recorded.

Voices of training and of held-out speakers are different ones of the
synthesisers', and sizes of throats, pitches and paces make many of each.
"""

from typing import NamedTuple

import numpy as np

from data_pipelines.speech.festival import language_of
from data_pipelines.speech.programs import Manner
from data_pipelines.speech.texts import SPLITS

SEED = 20_261_129  # of these streams alone
# flite's voices sound the most natural; all speak English. kal16 and kal, which
# has a telephone's bandwidth, are the older ones.
FLITE = {'train': ('slt', 'awb', 'kal16', 'kal'), 'test': ('rms',)}
FLITE_SHARE = 0.5
# Of those who learn, where Festival has voices; they speak for nobody held out.
FESTIVAL_SHARE = 0.2
# Of espeak-ng: which languages, of which kind of English, and variants of its
# voice, as people call them who made them. Left out are whispers and robots,
# and who changes the language; rob, who is nearly robert; and for held-out
# speakers all but a few.
LANGUAGES = {
  'train': {
    'en': (
      'en-us', 'en', 'en-gb-scotland', 'en-029', 'en-us-nyc', 'en-gb-x-rp',
      'en-gb-x-gbclan', 'en-gb-x-gbcwmd',
    ),
    'de': ('de',),
    'fr': ('fr', 'fr-be', 'fr-ch'),
    'es': ('es', 'es-419'),
    'it': ('it',),
  },
  'test': {
    'en': ('en-us', 'en', 'en-gb-scotland', 'en-029'),
    'de': ('de',),
    'fr': ('fr',),
    'es': ('es', 'es-419'),
    'it': ('it',),
  },
}  # fmt: skip
LANGUAGE_SHARES = (0.6, 0.1, 0.1, 0.1, 0.1)
VARIANTS = {
  'train': (
    'm1', 'm2', 'm3', 'm5', 'm6', 'm7', 'm8', 'f1', 'f2', 'f3', 'f5', 'Alex',
    'Andrea', 'Andy', 'Annie', 'Denis', 'Diogo', 'Gene', 'Gene2', 'Henrique',
    'Hugo', 'Jacky', 'Lee', 'Mario', 'Michael', 'Mike', 'Nguyen', 'RicishayMax',
    'adam', 'anika', 'antonio', 'aunty', 'belinda', 'benjamin', 'boris',
    'caleb', 'croak', 'david', 'ed', 'edward', 'edward2', 'grandma', 'grandpa',
    'gustave', 'iven', 'iven2', 'iven3', 'john', 'kaukovalta', 'klatt',
    'klatt2', 'klatt3', 'klatt4', 'klatt5', 'klatt6', 'marcelo', 'max',
    'michel', 'miguel', 'norbert', 'pablo', 'paul', 'pedro', 'quincy', 'sandro',
    'shelby', 'steph', 'steph2', 'steph3', 'travis', 'victor', 'zac',
  ),
  'test': ('m4', 'f4', 'Alicia', 'linda', 'robert', 'Marco'),
}  # fmt: skip


class Voice(NamedTuple):
  """A voice that speaks a language."""

  language: str  # of texts.GRAMMARS
  manner: Manner


def draw_voice(index: int, split: str, festival: tuple[str, ...] = ()) -> Voice:
  """The voice of a speaker: a pure function of what is given.

  Args:
    index: of the speaker.
    split: train or test.
    festival: voices of Festival that may speak, in training alone; whoever has
      none of them has the same voice without.
  """
  rng = np.random.default_rng((SEED, SPLITS.index(split), index))
  size = float(np.exp(rng.uniform(-0.14, 0.14)))
  language, program = 'en', 'flite'
  voice = _choose(rng, FLITE[split])
  if rng.random() > FLITE_SHARE:
    program = 'espeak-ng'
    accents = LANGUAGES[split]
    names = list(accents)
    language = names[int(rng.choice(len(names), p=LANGUAGE_SHARES))]
    accent = _choose(rng, accents[language])
    voice = f'{accent}+{_choose(rng, VARIANTS[split])}'
  other = np.random.default_rng((SEED, SPLITS.index(split), index, 2))
  if festival and split == 'train' and other.random() < FESTIVAL_SHARE:
    program, voice = 'festival', _choose(other, festival)
    language = language_of(voice)
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
