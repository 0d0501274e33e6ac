"""Sounds that a voice might make, of a buzz and two or three resonances."""

import wave

import numpy as np
from scipy.signal import lfilter

RATE = 16_000
VOWELS = {
  'ah': (750, 1250, 2600),
  'ee': (300, 2250, 3000),
  'oo': (320, 850, 2400),
}  # hertz of the resonances


def speak(vowels: list[str], seconds: float = 0.2, seed: int = 0) -> np.ndarray:
  """One vowel after another, float32 (n,), each swelling and fading.

  '' is silence, and 's' a hiss.
  """
  rng = np.random.default_rng(seed)
  count = round(seconds * RATE)
  swell = np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 0.5
  sounds = [np.zeros(0)]
  for start, vowel in enumerate(vowels):
    time = (start * count + np.arange(count)) / RATE
    if vowel == 's':
      noise = rng.standard_normal(count)
      sound = np.diff(noise, 2, prepend=[0, 0])
    elif vowel:
      hertz = 120 + 12 * np.sin(2 * np.pi * 2.5 * time)
      buzz = np.diff(np.floor(np.cumsum(hertz) / RATE), prepend=0)
      sound = buzz + 0.003 * rng.standard_normal(count)
      for resonance in VOWELS[vowel]:
        sound = _resonate(sound, resonance)
    else:
      sound = np.zeros(count)
    loudest = np.abs(sound).max() or 1.0
    sounds.append(0.4 * swell * sound / loudest)
  return np.float32(np.concatenate(sounds))


def write_wave(path, samples, rate=RATE, channels=1, width=2) -> str:
  """A sound file of samples in [-1, 1], each of so many bytes; its path."""
  with wave.open(str(path), 'wb') as file:
    file.setnchannels(channels)
    file.setsampwidth(width)
    file.setframerate(rate)
    numbers = np.int64(samples * (2 ** (8 * width - 1) - 1))
    low = numbers.repeat(channels)[:, None] >> 8 * np.arange(width)
    file.writeframes((low & 255).astype(np.uint8).tobytes())
  return str(path)


def _resonate(sound: np.ndarray, hertz: float) -> np.ndarray:
  radius = np.exp(-np.pi * 90 / RATE)
  angle = 2 * np.pi * hertz / RATE
  poles = [1, -2 * radius * np.cos(angle), radius**2]
  return lfilter([1], poles, sound)
