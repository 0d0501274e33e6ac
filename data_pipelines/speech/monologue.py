"""Somebody who talks for a while: sentences, pauses, and how it is recorded."""

from typing import NamedTuple

import numpy as np
from scipy.signal import fftconvolve, lfilter

from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.festival import installed_voices
from data_pipelines.speech.phones import SILENCE, Phone, join_silences
from data_pipelines.speech.synthesis import speak
from data_pipelines.speech.texts import SPLITS, draw_sentence
from data_pipelines.speech.voices import SEED, Voice, draw_voice

_PAUSES = (0.15, 1.4)  # seconds before a sentence
_CLEAN = 0.4  # share of the recordings without noise and echo
_NOISES = (-62.0, -38.0)  # decibels below the voice
_ECHOES = (0.08, 0.4)  # seconds until an echo has lost 60 decibels
_LOUDNESS = (0.03, 0.15)  # root mean square of the voice


class Monologue(NamedTuple):
  """What a speaker says."""

  wave: np.ndarray  # float32 (n,), 16 000 samples a second, within [-1, 1]
  phones: tuple[Phone, ...]  # from the begin to the end, without gaps
  text: str
  voice: Voice


def talk(index: int, split: str, seconds: float) -> Monologue:
  """What the speaker of an index says, for so long: a pure function.

  The sound has whole frames of 1 / 25 s; the last sentence may be cut off.

  Args:
    index: 0 or more.
    split: train or test; other voices and other words in each.
    seconds: how long.

  Raises:
    DataError: a synthesiser is missing, or fails.
  """
  voice = draw_voice(index, split, installed_voices())
  seed = (SEED, SPLITS.index(split), index, 1)
  rng = np.random.default_rng(seed)
  length = round(seconds * FRAME_RATE) * FRAME
  waves, phones, texts, samples = [], [], [], 0
  while samples < length:
    pause = round(rng.uniform(*_PAUSES) * RATE)
    text = draw_sentence(voice.language, split, (*seed, len(texts)))
    spoken = speak(text, voice.manner)
    begin = samples + pause
    phones.append(Phone(SILENCE, samples / RATE, begin / RATE))
    phones += _shift(spoken.phones, begin / RATE)
    waves += [np.zeros(pause, np.float32), spoken.wave]
    texts.append(text)
    samples = begin + len(spoken.wave)
  wave = np.concatenate(waves)[:length]
  end = length / RATE
  cut = [phone._replace(end=min(phone.end, end)) for phone in phones]
  return Monologue(
    record(wave, (*seed, 2**32 - 1)),
    join_silences(_close(cut, end)),
    ' '.join(texts),
    voice,
  )


def record(wave: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
  """A voice (n,) as a microphone in some room hears it; a seed tells which."""
  rng = np.random.default_rng(seed)
  loudness, tilt = rng.uniform(*_LOUDNESS), rng.uniform(-0.35, 0.35)
  heard = lfilter([1.0, tilt], [1.0], wave)
  clean = rng.random() < _CLEAN
  if not clean:
    heard = _echo(heard, rng)
  heard = heard * loudness / max(np.sqrt(np.mean(heard**2)), 1e-6)
  if not clean:
    level = loudness * 10 ** (rng.uniform(*_NOISES) / 20)
    noise = lfilter(
      [1.0], [1.0, -rng.uniform(0, 0.9)], rng.standard_normal(len(wave))
    )
    heard = heard + level * noise / max(noise.std(), 1e-6)
  return np.float32(np.clip(heard, -1, 1))


def _echo(wave: np.ndarray, rng) -> np.ndarray:
  seconds = rng.uniform(*_ECHOES)
  count = round(seconds * RATE)
  fading = np.exp(-6.9 * np.arange(count) / count)
  room = rng.uniform(0.02, 0.12) * rng.standard_normal(count) * fading
  room[0] = 1.0
  return fftconvolve(wave, room)[: len(wave)]


def _shift(phones, by: float) -> list[Phone]:
  return [Phone(name, start + by, end + by) for name, start, end in phones]


def _close(phones: list[Phone], end: float) -> list[Phone]:
  """Begins each phone where the one before ends, the last ends at the end."""
  begins = [0.0, *(phone.start for phone in phones[1:])]
  ends = [*begins[1:], end]
  return [
    phone._replace(start=min(begin, end), end=min(until, end))
    for phone, begin, until in zip(phones, begins, ends, strict=True)
  ]
