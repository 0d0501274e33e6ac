"""Sentences that no synthesiser is needed for: a letter is a phone."""

import numpy as np

from data_pipelines.media.waveform import RATE
from data_pipelines.speech.phones import SILENCE, Phone
from data_pipelines.speech.programs import Manner
from data_pipelines.speech.synthesis import Spoken
from tests.support import spoken_sounds

_LETTER = 0.1  # seconds
_SOUNDS = {'a': 'ah', 'e': 'ee', 'i': 'ee', 'o': 'oo', 'u': 'oo', 's': 's'}
_SILENT = frozenset('pbtdkɡ')


def say_letters(text: str, manner: Manner | None = None) -> Spoken:
  """Takes the place of `synthesis.speak`: vowels sound, and s hisses."""
  del manner
  letters = [letter for letter in text.lower() if letter.isalpha()]
  words = [
    '' if x in _SILENT else _SOUNDS.get(x, 'oo' if x in 'mnlwv' else '')
    for x in letters
  ]
  wave = spoken_sounds.speak(words, _LETTER)
  gap = np.zeros(round(_LETTER * RATE), np.float32)
  return Spoken(
    np.concatenate([gap, wave, gap]),
    phones_of(f' {"".join(letters)} '),
  )


def phones_of(letters: str, seconds: float = _LETTER) -> tuple[Phone, ...]:
  """A phone for each letter, one after another; a space is silence."""
  return tuple(
    Phone(
      SILENCE if letter == ' ' else letter,
      round(number * seconds, 6),
      round((number + 1) * seconds, 6),
    )
    for number, letter in enumerate(letters)
  )
