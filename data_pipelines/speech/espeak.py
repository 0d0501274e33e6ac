"""Sentences spoken by espeak-ng."""

import json
import pathlib
import sys

import numpy as np

from data_pipelines.speech.phones import SILENCE, simplify
from data_pipelines.speech.programs import Manner, Told, run_program, to_float

_PROCESS = pathlib.Path(__file__).parent / 'espeak_process.py'
_PACE = 165  # words a minute, at pace 1
_PITCH = 50  # of its 0 to 99, at pitch 0
_STOPS = frozenset('pbtdkɡ')
_STEP = 0.0025  # seconds from one level to the next
_FARTHEST = 0.1  # seconds that a stop may begin before its burst
_USUAL = 0.05  # likewise, where levels say nothing
_LEFT = 0.4  # of the sound before, which a stop leaves it at least
_BURST = 0.01  # seconds until the mouth is open
_DEPTH = 6.0  # decibels that a closure is quieter, at least


def speak_espeak(text: str, manner: Manner) -> Told:
  """Speaks a sentence.

  Raises:
    DataError: espeak-ng or the voice is not installed, or fails.
  """
  parameters = (
    round(_PACE * manner.pace / manner.size),
    round(np.clip(_PITCH * (1 + manner.pitch), 0, 99)),
    round(np.clip(50 * manner.melody, 0, 99)),
  )
  command = [sys.executable, '-I', '-S', str(_PROCESS), manner.voice]
  answer = run_program([*command, *map(str, parameters)], manner, text.encode())
  header, _, sound = answer.partition(b'\n')
  header = json.loads(header)
  samples = to_float(sound)
  starts = [start for _, start in header['phones']] or [len(samples)]
  names = [simplify(symbol) for symbol, _ in header['phones']]
  phones = list(
    zip([SILENCE, *names], [0, *starts], [*starts, len(samples)], strict=False)
  )
  return Told(
    header['rate'], samples, shut_stops(phones, samples, header['rate'])
  )


def shut_stops(
  phones: list[tuple[str, float, float]], samples: np.ndarray, rate: int
) -> list[tuple[str, float, float]]:
  """The same phones, stops beginning when their mouth shuts.

  espeak-ng tells when a stop bursts, and counts what is heard until the next
  sound as the stop's. Where it is shut is the quiet before, which it counts as
  the sound's before. All others here, and people who label recordings, call
  that the stop, and what comes after a burst the next sound's begin.

  Args:
    phones: names, begins and ends in samples, one after another.
    samples: (n,) the sound.
    rate: samples a second.
  """
  levels = _measure_levels(samples, rate)
  edges = [phones[0][1], *(end for _, _, end in phones)]
  for number, (name, burst, end) in enumerate(phones):
    if number and name[:1] in _STOPS:
      before, after = phones[number - 1], phones[number + 1 :][:1]
      is_followed = after and after[0][0] != SILENCE
      edges[number] = _find_closure(before, burst, levels, rate)
      # What is breathed out before a silence is none yet.
      if len(name) == 1 and is_followed:
        edges[number + 1] = min(burst + _BURST * rate, end)
  return [
    (name, start, end)
    for (name, _, _), start, end in zip(
      phones, edges[:-1], edges[1:], strict=True
    )
  ]


def _find_closure(
  before: tuple[str, float, float], burst: float, levels: np.ndarray, rate: int
) -> float:
  """The sample at which the mouth shuts for a stop that bursts then."""
  name, start, _ = before
  earliest = max(
    start + _LEFT * (burst - start) if name else start,
    burst - _FARTHEST * rate,
  )
  usual = max(earliest, burst - _USUAL * rate)
  step = _STEP * rate
  first, last = round(earliest / step), round(burst / step)
  if name == SILENCE or last - first < 2:
    return usual
  around = levels[first : last + 1]
  lowest = first + int(np.argmin(around))
  loud = np.max(levels[round(start / step) : lowest + 1])
  if loud - levels[lowest] < _DEPTH:
    return usual
  half = (loud + levels[lowest]) / 2
  while lowest > first and levels[lowest - 1] < half:
    lowest -= 1
  return max(earliest, lowest * step)


def _measure_levels(samples: np.ndarray, rate: int) -> np.ndarray:
  """Decibels of a sound, one every _STEP seconds."""
  width = round(4 * _STEP * rate)
  window = np.hanning(width + 2)[1:-1]
  power = np.convolve(np.square(samples), window / window.sum(), 'same')
  count = int(len(samples) / (_STEP * rate)) + 2
  places = np.minimum(
    np.round(np.arange(count) * _STEP * rate).astype(int), len(samples) - 1
  )
  return 10 * np.log10(power[places] + 1e-8)
