"""When the phones of a known text sound in a recording, by PocketSphinx.

It brings a model of American English along (both BSD). Words that its
dictionary lacks are pronounced as flite would.
"""

import functools
import itertools
import re
import shutil
import subprocess

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.wording import list_few
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.phones import (
  ARPABET,
  SILENCE,
  Phone,
  join_silences,
)

_FRAMES = 100  # a second, of the aligner
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_NAMES = {'ax': 'ah', 'axr': 'er', 'ix': 'ih'}  # flite's to the dictionary's
# A phone beside a pause takes it in: what is so quiet for so long is silence,
# but for the moment in which lips or tongue shut for a sound.
_QUIET = 40.0  # decibels below the loud parts
_PAUSE, _SHUT = 0.12, 0.06  # seconds


def align(wave: np.ndarray, text: str) -> tuple[Phone, ...]:
  """The phones of a text, from the begin of a sound to its end.

  Args:
    wave: float (n,) mono, 16 000 samples a second, of one voice.
    text: all that is said in it, in English; numbers in words.

  Raises:
    DataError: PocketSphinx is not installed, a word cannot be pronounced, or
      the text is not what is said.
  """
  words = find_words(text)
  if not words:
    raise DataError('its transcript has no word in it')
  decoder = _decoder()
  _teach(decoder, words)
  sound = np.int16(np.clip(wave, -1, 1) * (2**15 - 1)).tobytes()
  decoder.set_align_text(' '.join(words))
  _listen(decoder, sound)
  if decoder.hyp() is None:
    raise DataError('its transcript is not what is said in it')
  decoder.set_alignment()
  _listen(decoder, sound)
  end, phones = len(wave) / RATE, []
  for word in decoder.get_alignment() or ():
    for part in word:
      start = part.start / _FRAMES
      name = ARPABET.get(part.name.lower(), SILENCE)
      until = min(start + part.duration / _FRAMES, end)
      phones += _trim(Phone(name, start, until), wave)
  return join_silences(_close(phones, end))


def find_words(text: str) -> list[str]:
  """The words of a text, in small letters, without signs."""
  return _WORD.findall(text.lower().replace('’', "'"))


@functools.cache
def _decoder():
  """It takes seconds to read the model."""
  try:
    from pocketsphinx import Decoder
  except ImportError:
    raise DataError(
      "pocketsphinx is not installed: `pip install 'dagan_jax[speech]'` brings"
      ' what finds the words of a transcript in a recording'
    ) from None
  return Decoder(samprate=RATE, bestpath=False, loglevel='FATAL')


def _teach(decoder, words: list[str]) -> None:
  """Adds the words that the dictionary lacks."""
  unknown = sorted({word for word in words if not decoder.lookup_word(word)})
  if unknown and shutil.which('flite') is None:
    raise DataError(
      f'words that no dictionary here has: {list_few(unknown)}; apt-get install'
      ' flite, which pronounces them, or spell them otherwise'
    )
  for word in unknown:
    told = subprocess.run(
      ['flite', '-ps', '-t', word, 'none'], capture_output=True, check=True
    ).stdout.decode()
    names = [_NAMES.get(x, x).upper() for x in told.split() if x != 'pau']
    if not names:
      raise DataError(f'nobody knows how to pronounce {word}: spell it out')
    decoder.add_word(word, ' '.join(names), update=True)


def _listen(decoder, sound: bytes) -> None:
  decoder.start_utt()
  decoder.process_raw(sound, full_utt=True)
  decoder.end_utt()


def _trim(phone: Phone, wave: np.ndarray) -> list[Phone]:
  """A phone without the pause before or after it."""
  name, start, end = phone
  step = RATE // _FRAMES
  part = wave[round(start * RATE) : round(end * RATE)]
  count = len(part) // step
  if name == SILENCE or count / _FRAMES < _PAUSE:
    return [phone]
  power = np.mean(np.square(part[: count * step].reshape(count, step)), 1)
  loud = np.percentile(np.square(wave), 95)
  sounds = np.flatnonzero(power > loud * 10 ** (-_QUIET / 10))
  if not len(sounds):
    return [Phone(SILENCE, start, end)]
  before, after = sounds[0] / _FRAMES, (count - 1 - sounds[-1]) / _FRAMES
  first = start + (before - _SHUT if before >= _PAUSE else 0)
  last = end - (after - _SHUT if after >= _PAUSE else 0)
  return [
    Phone(SILENCE, start, first),
    Phone(name, first, last),
    Phone(SILENCE, last, end),
  ]


def _close(phones: list[Phone], end: float) -> list[Phone]:
  """Fills what lies before, between and after phones with silence."""
  ends = [0.0, *(phone.end for phone in phones)]
  starts = [*(phone.start for phone in phones), end]
  gaps = [Phone(SILENCE, *pair) for pair in zip(ends, starts, strict=True)]
  return [*itertools.chain(*zip(gaps, phones, strict=False)), gaps[-1]]
