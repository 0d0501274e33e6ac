"""Sentences spoken by two programs that the user installs.

espeak-ng (GPL 3) has voices of a hundred languages, flite (BSD) a few more
natural ones of English. Neither is part of this package; Debian has both.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import wave
from typing import NamedTuple

import numpy as np
import soxr

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.phones import (
  ARPABET,
  SILENCE,
  Phone,
  join_silences,
  simplify,
)

PROGRAMS = ('espeak-ng', 'flite')
_ESPEAK = pathlib.Path(__file__).parent / 'espeak_process.py'
_PACE = 165  # words a minute, of espeak-ng at pace 1
_PITCH = 50  # of espeak-ng's 0 to 99, at pitch 0
_HERTZ = 150.0  # of flite's voices, at pitch 0
_PATIENCE = 120  # seconds that a sentence may take


class Manner(NamedTuple):
  """How a sentence is spoken."""

  program: str  # of PROGRAMS
  voice: str  # as the program calls it: en-us+f3, slt
  pace: float = 1.0  # how fast, times the usual
  pitch: float = 0.0  # -1 low to 1 high, for this voice
  melody: float = 1.0  # how far the pitch moves, times the usual
  size: float = 1.0  # above 1: a smaller throat; all resonances are higher


class Spoken(NamedTuple):
  """A sentence as a sound."""

  wave: np.ndarray  # float32 (n,), 16 000 samples a second, within [-1, 1]
  phones: tuple[Phone, ...]  # one after another, without gaps


def check_programs() -> None:
  """Raises DataError: a synthesiser is not installed."""
  missing = [name for name in PROGRAMS if shutil.which(name) is None]
  if missing:
    raise DataError(
      f'{" and ".join(missing)} not found: what speaks; apt-get install'
      f' {" ".join(PROGRAMS)}'
    )


def speak(text: str, manner: Manner) -> Spoken:
  """Speaks a sentence: the same sound and phones for the same arguments.

  Raises:
    DataError: the synthesiser is not installed, or fails.
  """
  check_programs()
  speaker = _speak_espeak if manner.program == 'espeak-ng' else _speak_flite
  rate, samples, phones = speaker(text, manner)
  # Played faster, a voice is that of a smaller person: its pace is given back.
  heard = soxr.resample(samples, rate * manner.size, RATE)
  scale = 1 / (rate * manner.size)
  times = [
    Phone(name, start * scale, end * scale) for name, start, end in phones
  ]
  return Spoken(np.clip(heard, -1, 1), join_silences(times))


def _speak_espeak(text: str, manner: Manner):
  parameters = (
    round(_PACE * manner.pace / manner.size),
    round(np.clip(_PITCH * (1 + manner.pitch), 0, 99)),
    round(np.clip(50 * manner.melody, 0, 99)),
  )
  command = [sys.executable, '-I', '-S', str(_ESPEAK), manner.voice]
  answer = _run([*command, *map(str, parameters)], manner, text.encode())
  header, _, sound = answer.partition(b'\n')
  header = json.loads(header)
  samples = _to_float(sound)
  starts = [start for _, start in header['phones']]
  ends = [*starts[1:], len(samples)]
  names = [simplify(symbol) for symbol, _ in header['phones']]
  first = [(SILENCE, 0, starts[0] if starts else len(samples))]
  return (
    header['rate'],
    samples,
    [*first, *zip(names, starts, ends, strict=True)],
  )


def _speak_flite(text: str, manner: Manner):
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
    told = _run([*command, '-o', path], manner)
    with wave.open(path) as file:
      rate = file.getframerate()
      samples = _to_float(file.readframes(file.getnframes()))
  phones, start = [], 0.0
  for word in told.decode().split():
    name, _, end = word.rpartition(':')
    phones.append((ARPABET[name], start * rate, float(end) * rate))
    start = float(end)
  return rate, samples, [*phones, (SILENCE, start * rate, len(samples))]


def _run(command: list[str], manner: Manner, text: bytes = b'') -> bytes:
  try:
    return subprocess.run(
      command, input=text, capture_output=True, check=True, timeout=_PATIENCE
    ).stdout
  except (subprocess.SubprocessError, OSError) as error:
    said = (getattr(error, 'stderr', None) or b'').decode(errors='replace')
    why = (said.strip().splitlines() or [type(error).__name__])[-1]
    raise DataError(
      f'{manner.program} with the voice {manner.voice} fails ({why}); is it'
      ' installed as a whole?'
    ) from None


def _to_float(sound: bytes) -> np.ndarray:
  return np.frombuffer(sound, '<i2').astype(np.float32) / 2**15
