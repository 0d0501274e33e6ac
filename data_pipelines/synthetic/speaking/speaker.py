"""Somebody who speaks a text that is known: all of the face, head and eyes.

The same sound, phones and seed give the same performance.
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.speech.phones import Phone
from data_pipelines.speech.prosody import (
  Prosody,
  find_phrases,
  find_stresses,
  hear_prosody,
)
from data_pipelines.synthetic.blinks import blink
from data_pipelines.synthetic.performance import Performance
from data_pipelines.synthetic.speaking.coarticulation import (
  frame_times,
  move_mouth,
)
from data_pipelines.synthetic.speaking.eyes import look_around
from data_pipelines.synthetic.speaking.head_motion import move_head
from data_pipelines.synthetic.speech import NUMBERS

SEED = 20_261_201  # of these streams alone
_ARTICULATES = (0.75, 1.15)  # how far a speaker opens the mouth
_LOUDER = (0.6, 0.65)  # of a phone's level: how far that opens it
_RAISE = (0.1, 0.55)  # weight of brows, of a stress as strong as may be
_RAISES = 0.5  # share of the stresses that raise brows
_BROW_TIME = 0.12  # seconds, deviation
# Weights of what a face shows all the time, none to most.
_MOODS = {
  'mouthSmileLeft': 0.3,
  'mouthSmileRight': 0.3,
  'browInnerUp': 0.2,
  'browDownLeft': 0.2,
  'browDownRight': 0.2,
  'eyeSquintLeft': 0.15,
  'eyeSquintRight': 0.15,
}


def perform_phones(
  wave: np.ndarray, phones: Sequence[Phone], seed: int
) -> Performance:
  """How somebody speaks, of n frames, 25 a second.

  Args:
    wave: (m,) mono, 16 000 samples a second, of n whole frames.
    phones: what is said in it, one after another.
    seed: 0 or more; another one moves otherwise.
  """
  prosody, phrases = hear_prosody(wave, phones), find_phrases(phones)
  times = frame_times(len(prosody.level))
  rng = np.random.default_rng((SEED, seed))
  articulates = rng.uniform(*_ARTICULATES)
  expression = move_mouth(
    phones, times, articulates * _effort(phones, times, prosody)
  )
  expression += _show_mood(rng)
  raised = _raise_brows(prosody, rng)
  for name in ('browInnerUp', 'browOuterUpLeft', 'browOuterUpRight'):
    expression[:, NUMBERS[name]] += raised
  looks = look_around(times, phrases, (SEED, seed, 1))
  blinks = blink(times, (SEED, seed, 2), looks.blinks)
  for name in ('eyeBlinkLeft', 'eyeBlinkRight'):
    expression[:, NUMBERS[name]] = blinks
  head = move_head(prosody, phrases, (SEED, seed, 3))
  return Performance(
    head.turns, head.shifts, np.clip(expression, 0, 1), looks.gaze
  )


def _effort(phones: Sequence[Phone], times, prosody: Prosody) -> np.ndarray:
  """How far (p,) each phone opens the mouth: further, where it is loud."""
  base, more = _LOUDER
  middles = [(start + end) / 2 for _, start, end in phones]
  return base + more * np.interp(middles, times, prosody.level)


def _show_mood(rng) -> np.ndarray:
  """Weights (52,) of a face's lasting expression, alike on both sides."""
  mood, strengths = np.zeros(len(NUMBERS), np.float32), {}
  for name, most in _MOODS.items():
    kind = name.removesuffix('Left').removesuffix('Right')
    if kind not in strengths:
      strengths[kind] = max(rng.uniform(-1, 1), 0)
    mood[NUMBERS[name]] = most * strengths[kind]
  return mood


def _raise_brows(prosody: Prosody, rng) -> np.ndarray:
  """Weights (n,) of brows that go up with some of the stresses."""
  pulses, most = np.zeros(len(prosody.level)), rng.uniform(*_RAISE)
  for number, strength in find_stresses(prosody):
    if rng.random() < _RAISES:
      pulses[number] = strength * most
  width = _BROW_TIME * FRAME_RATE
  return gaussian_filter1d(pulses, width) * width * np.sqrt(2 * np.pi)
