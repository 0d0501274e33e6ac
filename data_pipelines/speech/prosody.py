"""How loud and how high a voice is, frame by frame, and where it stresses."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.phones import SILENCE, Phone, during

PITCHES = (70.0, 400.0)  # hertz of a voice
_WINDOW = 1024  # samples in which a pitch is looked for
_PERIODIC = 0.45  # how alike two periods of a voiced sound are
_RANGE = 30.0  # decibels from a voice's loud sounds to silence
_LOUD = 95  # per cent of the frames that are not as loud
_SHORT, _LONG = 0.12, 0.8  # seconds, of a stress and of what it is held against
_OCTAVE = 12.0  # semitones
_APART = 0.28  # seconds between stresses
_STRESSED = 0.12  # of Prosody.stress
_PHRASE = 0.2  # seconds of silence between phrases


class Prosody(NamedTuple):
  """What is heard in each of n frames, 25 a second; float32 (n,)."""

  speaking: np.ndarray  # 1 where a phone sounds, else 0
  level: np.ndarray  # 1 as loud as the voice's loud sounds, 0 silence
  pitch: np.ndarray  # semitones above the voice's middle, also where unvoiced
  stress: np.ndarray  # how much louder and higher than around, [-1, 1]


def hear_prosody(wave: np.ndarray, phones: Sequence[Phone]) -> Prosody:
  """Listens to a voice.

  Args:
    wave: (m,) mono, 16 000 samples a second, of n whole frames.
    phones: what is said in it.
  """
  count = len(wave) // FRAME
  times = (np.arange(count) + 0.5) / FRAME_RATE
  speaking = during(phones, times).astype(np.float32)
  power = np.mean(np.square(wave[: count * FRAME].reshape(count, FRAME)), 1)
  decibels = 10 * np.log10(power + 1e-10)
  loud = np.percentile(decibels[speaking > 0], _LOUD) if speaking.any() else 0.0
  level = np.clip((decibels - loud) / _RANGE + 1, 0, 1) * speaking
  pitch = _bridge(find_pitch(wave))
  rise = np.clip(pitch / _OCTAVE, -0.5, 0.5) * speaking
  stress = 2 * _stand_out(level) + 2 * _stand_out(rise)
  return Prosody(
    speaking,
    np.float32(level),
    np.float32(pitch),
    np.float32(np.clip(stress, -1, 1)),
  )


def find_pitch(wave: np.ndarray) -> np.ndarray:
  """Hertz (n,) of the voice in each frame; NaN where there is none.

  The lag at which a sound is most like itself, by its autocorrelation.
  """
  count = len(wave) // FRAME
  margin = (_WINDOW - FRAME) // 2
  padded = np.pad(np.float64(wave), (margin, _WINDOW))
  starts = FRAME * np.arange(count)[:, None]
  windows = padded[starts + np.arange(_WINDOW)] * np.hanning(_WINDOW)
  windows -= windows.mean(1, keepdims=True)
  likeness = _correlate(windows) / _correlate(np.hanning(_WINDOW)[None])
  low, high = (int(RATE / hertz) for hertz in reversed(PITCHES))
  part = likeness[:, low:high] / np.maximum(likeness[:, :1], 1e-9)
  # A period twice as long is as good, and wrong: the first of the good peaks.
  best = part.max(1, keepdims=True)
  peak = (part >= np.roll(part, 1, 1)) & (part >= np.roll(part, -1, 1))
  good = (part == best) | ((part >= 0.9 * best) & peak)
  lags = low + good.argmax(1)
  is_voice = (part.max(1) > _PERIODIC) & (likeness[:, 0] > 1e-7)
  return np.where(is_voice, RATE / lags, np.nan)


def find_stresses(prosody: Prosody) -> list[tuple[int, float]]:
  """Frames in which a stress is at its height, and how strong it is, (0, 1]."""
  stress, apart = prosody.stress, round(_APART * FRAME_RATE)
  return [
    (number, float(value))
    for number, value in enumerate(stress)
    if value > _STRESSED
    and value == stress[max(number - apart, 0) : number + apart + 1].max()
  ]


def find_phrases(phones: Sequence[Phone]) -> list[tuple[float, float]]:
  """Seconds from and to which somebody speaks without a long pause."""
  phrases = []
  for name, start, end in phones:
    if name == SILENCE:
      continue
    if phrases and start - phrases[-1][1] < _PHRASE:
      start = phrases.pop()[0]
    phrases.append((start, end))
  return phrases


def _correlate(windows: np.ndarray) -> np.ndarray:
  size = 2 * windows.shape[1]
  power = np.abs(np.fft.rfft(windows, size)) ** 2
  return np.fft.irfft(power)[:, : windows.shape[1]]


def _bridge(hertz: np.ndarray) -> np.ndarray:
  """Semitones (n,) from the median, with lines where no pitch is known."""
  known = np.flatnonzero(np.isfinite(hertz))
  if not len(known):
    return np.zeros(len(hertz))
  semitones = _OCTAVE * np.log2(hertz[known] / np.median(hertz[known]))
  every = np.arange(len(hertz))
  return gaussian_filter1d(np.interp(every, known, semitones), 1.0)


def _stand_out(values: np.ndarray) -> np.ndarray:
  short, long = (
    gaussian_filter1d(np.float64(values), seconds * FRAME_RATE)
    for seconds in (_SHORT, _LONG)
  )
  return short - long
