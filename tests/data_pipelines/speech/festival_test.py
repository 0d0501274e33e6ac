"""Sentences spoken by Festival, where it is installed."""

import shutil

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.waveform import RATE
from data_pipelines.speech import festival
from data_pipelines.speech.festival import (
  VOICES,
  installed_voices,
  language_of,
  speak_festival,
)
from data_pipelines.speech.phones import BILABIAL, SILENCE
from data_pipelines.speech.programs import Manner, run_program
from data_pipelines.speech.synthesis import speak
from data_pipelines.speech.texts import GRAMMARS, INVENTED, draw_sentence
from data_pipelines.synthetic.speaking.mouth_shapes import knows

HERE = installed_voices()
needs_festival = pytest.mark.skipif(not HERE, reason='no Festival here')


def test_without_festival_nobody_has_a_voice_of_it(monkeypatch):
  monkeypatch.setattr(shutil, 'which', lambda name: None)
  assert installed_voices.__wrapped__() == ()


def test_a_missing_program_is_told_in_one_line():
  manner = Manner('festival', 'pc_diphone')
  with pytest.raises(DataError, match='voice pc_diphone fails') as raised:
    run_program(['no-such-festival'], manner)
  assert '\n' not in str(raised.value)


@pytest.mark.parametrize('voice', VOICES)
def test_a_voice_has_a_language_and_phones_that_mouths_know(voice):
  assert language_of(voice) in {*GRAMMARS, *INVENTED}
  phones = festival._TONGUES[voice].phones.values()
  assert all(knows(letter) for name in phones for letter in name)
  assert {'p', 'b', 'm', SILENCE} <= set(phones)


def test_catalan_lips_hardly_close_for_a_b_between_vowels():
  tongue = festival._TONGUES['upc_ca_ona_hts']
  assert festival._lenite(['b', 'a', 'b', 'a', 'm', 'b'], tongue) == [
    *('b', 'a', 'β', 'a', 'm', 'b')
  ]


@needs_festival
@pytest.mark.parametrize('voice', HERE)
def test_phones_of_a_voice_are_at_their_times(voice):
  manner = Manner('festival', voice, size=1.1)
  spoken = speak('papa pamapa.', manner)
  said = ''.join(phone.name for phone in spoken.phones)
  assert [x for x in said if x in BILABIAL] == list('pppmp')
  assert spoken.phones[-1].end == pytest.approx(
    len(spoken.wave) / RATE, abs=5e-3
  )

  def loudness(names):
    parts = [
      spoken.wave[round(start * RATE) : round(end * RATE)]
      for name, start, end in spoken.phones
      if name in names
    ]
    return np.sqrt(np.mean(np.concatenate(parts) ** 2))

  assert loudness(('a', 'ɑ', 'æ', 'ʌ', 'ɐ', 'ə')) > 1.4 * loudness(('p',))


@needs_festival
def test_a_sentence_sounds_the_same_every_time():
  text = draw_sentence(language_of(HERE[0]), 'train', (1,))
  one, other = (speak(text, Manner('festival', HERE[0])) for _ in range(2))
  np.testing.assert_array_equal(one.wave, other.wave)
  assert one.phones == other.phones


@needs_festival
def test_voices_of_diphones_follow_pace_and_pitch():
  voices = [voice for voice in HERE if 'diphone' in voice]
  if not voices:
    pytest.skip('no voice of diphones here')
  usual, fast, high = (
    speak_festival('Papa, mama.', Manner('festival', voices[0], *changed))
    for changed in ((), (1.3,), (1.0, 1.0))
  )
  assert len(fast.samples) < 0.85 * len(usual.samples)
  assert len(high.samples) == pytest.approx(len(usual.samples), rel=0.02)
  assert np.abs(high.samples[:5000] - usual.samples[:5000]).max() > 0.01
