"""How sentences are spoken by programs that the user installs.

espeak-ng (GPL 3) has voices of a hundred languages, flite (BSD) a few more
natural ones of English, Festival (BSD, each voice with a free licence of its
own) recorded ones of several languages. None is part of this package; Debian
has all.
"""

import shutil
import subprocess
import wave
from typing import NamedTuple

import numpy as np

from data_pipelines.errors.mendable import DataError

PROGRAMS = ('espeak-ng', 'flite')
_PATIENCE = 120  # seconds that a sentence may take


class Manner(NamedTuple):
  """How a sentence is spoken."""

  program: str  # of PROGRAMS, or festival
  voice: str  # as the program calls it: en-us+f3, slt, pc_diphone
  pace: float = 1.0  # how fast, times the usual
  pitch: float = 0.0  # -1 low to 1 high, for this voice
  melody: float = 1.0  # how far the pitch moves, times the usual
  size: float = 1.0  # above 1: a smaller throat; all resonances are higher


class Told(NamedTuple):
  """What a program answers."""

  rate: int  # samples a second
  samples: np.ndarray  # float32 (n,), within [-1, 1]
  phones: list[tuple[str, float, float]]  # IPA, begin and end in samples


def check_programs() -> None:
  """Raises DataError: a synthesiser is not installed."""
  missing = [name for name in PROGRAMS if shutil.which(name) is None]
  if missing:
    raise DataError(
      f'{" and ".join(missing)} not found: what speaks; apt-get install'
      f' {" ".join(PROGRAMS)}'
    )


def run_program(command: list[str], manner: Manner, text: bytes = b'') -> bytes:
  """What a program writes.

  Args:
    command: the program and its arguments.
    manner: what a complaint names.
    text: what the program reads.

  Raises:
    DataError: it fails, or is not there.
  """
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


def to_float(sound: bytes) -> np.ndarray:
  """Samples (n,) within [-1, 1] of 16 bits each."""
  return np.frombuffer(sound, '<i2').astype(np.float32) / 2**15


def read_sound(path: str) -> tuple[int, np.ndarray]:
  """Samples a second, and samples (n,) within [-1, 1], of a WAVE file."""
  with wave.open(path) as file:
    return file.getframerate(), to_float(file.readframes(file.getnframes()))
