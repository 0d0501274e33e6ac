"""Sentences spoken by espeak-ng and flite, where they are installed."""

import shutil

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.phones import BILABIAL, SILENCE
from data_pipelines.speech.programs import PROGRAMS, Manner
from data_pipelines.speech.synthesis import speak
from data_pipelines.speech.texts import GRAMMARS, draw_sentence
from data_pipelines.speech.voices import FLITE, LANGUAGES, VARIANTS
from data_pipelines.synthetic.speaking.mouth_shapes import knows

TEXT = 'Bob bought a big map.'
HERE = all(map(shutil.which, PROGRAMS))
needs_programs = pytest.mark.skipif(not HERE, reason='no synthesiser here')
MANNERS = [
  Manner('espeak-ng', 'en-us+f3'),
  Manner('flite', 'slt', pace=1.2, size=1.1),
]


@needs_programs
def test_an_unknown_voice_is_told_in_one_line():
  with pytest.raises(DataError, match='with the voice nobody fails') as raised:
    speak(TEXT, Manner('espeak-ng', 'nobody'))
  assert '\n' not in str(raised.value)


@needs_programs
@pytest.mark.parametrize('manner', MANNERS)
def test_a_sentence_sounds_the_same_every_time(manner):
  one, other = speak(TEXT, manner), speak(TEXT, manner)
  np.testing.assert_array_equal(one.wave, other.wave)
  assert one.phones == other.phones


@needs_programs
@pytest.mark.parametrize('manner', MANNERS)
def test_phones_are_those_of_the_text_at_their_times(manner):
  spoken = speak(TEXT, manner)
  said = ''.join(phone.name for phone in spoken.phones)
  assert [x for x in said if x in BILABIAL] == list('bbbbmp')
  assert spoken.phones[-1].end == pytest.approx(
    len(spoken.wave) / RATE, abs=5e-3
  )

  def loudness(wanted):
    parts = [
      spoken.wave[round(start * RATE) : round(end * RATE)]
      for name, start, end in spoken.phones
      if wanted(name)
    ]
    return np.sqrt(np.mean(np.concatenate(parts) ** 2))

  vowels = loudness(lambda name: name in ('ɑ', 'ɔ', 'æ'))
  assert vowels > 2 * loudness(lambda name: name == 'p')
  assert vowels > 20 * loudness(lambda name: name == SILENCE)


@needs_programs
def test_a_faster_pace_is_shorter_and_a_smaller_throat_is_not():
  slow, fast, small = (
    speak(TEXT, Manner('flite', 'slt', pace=pace, size=size))
    for pace, size in ((1.0, 1.0), (1.25, 1.0), (1.0, 1.15))
  )
  assert len(fast.wave) < 0.9 * len(slow.wave)
  assert len(small.wave) == pytest.approx(len(slow.wave), rel=0.05)


@needs_programs
@pytest.mark.parametrize('language', GRAMMARS)
def test_mouths_know_every_phone_of_a_language(language):
  manner = Manner('espeak-ng', LANGUAGES['test'][language][0])
  names = {
    phone.name
    for seed in range(3)
    for phone in speak(draw_sentence(language, 'train', (seed,)), manner).phones
  }
  assert all(knows(letter) for name in names for letter in name)


@needs_programs
@pytest.mark.slow
def test_every_voice_speaks():
  voices = [('flite', voice) for split in FLITE.values() for voice in split]
  voices += [
    ('espeak-ng', f'{accent}+{variant}')
    for accent, variant in zip(
      10 * [x for each in LANGUAGES['train'].values() for x in each],
      [x for split in VARIANTS.values() for x in split],
      strict=False,
    )
  ]
  for program, voice in voices:
    assert np.abs(speak('Papa.', Manner(program, voice)).wave).max() > 0.02
