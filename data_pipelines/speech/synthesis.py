"""Sentences as sounds, and when their phones sound."""

import tempfile
from typing import NamedTuple

import numpy as np
import soxr

from data_pipelines.media.waveform import RATE
from data_pipelines.speech.espeak import speak_espeak
from data_pipelines.speech.festival import speak_festival
from data_pipelines.speech.phones import (
  ARPABET,
  SILENCE,
  Phone,
  join_silences,
)
from data_pipelines.speech.programs import (
  Manner,
  Told,
  check_programs,
  read_sound,
  run_program,
)

_HERTZ = 150.0  # of flite's voices, at pitch 0


class Spoken(NamedTuple):
  """A sentence as a sound."""

  wave: np.ndarray  # float32 (n,), 16 000 samples a second, within [-1, 1]
  phones: tuple[Phone, ...]  # one after another, without gaps


def speak(text: str, manner: Manner) -> Spoken:
  """Speaks a sentence: the same sound and phones for the same arguments.

  Raises:
    DataError: the synthesiser is not installed, or fails.
  """
  check_programs()
  rate, samples, phones = _SPEAKERS[manner.program](text, manner)
  # Played faster, a voice is that of a smaller person: its pace is given back.
  heard = soxr.resample(samples, rate * manner.size, RATE)
  scale = 1 / (rate * manner.size)
  times = [
    Phone(name, start * scale, end * scale) for name, start, end in phones
  ]
  return Spoken(np.clip(heard, -1, 1), join_silences(times))


def _speak_flite(text: str, manner: Manner) -> Told:
  hertz = _HERTZ * 2 ** (0.7 * manner.pitch) / manner.size
  settings = {
    'duration_stretch': manner.size / manner.pace,
    'int_f0_target_mean': hertz,
    'int_f0_target_stddev': 0.1 * hertz * manner.melody,
  }
  command = ['flite', '-voice', manner.voice, '-psdur', '-t', text]
  for name, value in settings.items():
    command += ['--setf', f'{name}={value:.4f}']
  with tempfile.TemporaryDirectory() as folder:
    path = f'{folder}/sound.wav'
    told = run_program([*command, '-o', path], manner)
    rate, samples = read_sound(path)
  phones, start = [], 0.0
  for word in told.decode().split():
    name, _, end = word.rpartition(':')
    phones.append((ARPABET[name], start * rate, float(end) * rate))
    start = float(end)
  return Told(rate, samples, [*phones, (SILENCE, start * rate, len(samples))])


_SPEAKERS = {
  'espeak-ng': speak_espeak,
  'flite': _speak_flite,
  'festival': speak_festival,
}
