"""What can be heard of how a mouth moves: when it speaks, how loud, how bright.

Nothing here is learnt but what tells a voice from noise. A sound's spectrum
says how wide open a mouth is and whether lips are round or spread only about;
it says nothing of which word is spoken.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from data_pipelines.media.mel import Mel, MelSpectrum, mel_filters
from data_pipelines.media.voice import FRAME, FRAME_RATE
from data_pipelines.media.voice_activity import PIECE, VoiceActivity
from data_pipelines.media.waveform import RATE

_MEL = Mel(fft=512, hop=160, low=60.0, high=7900.0, bands=40)
_ROWS = FRAME // _MEL.hop  # of a frame
_FLOOR = 1e-10  # power of silence
_RANGE = 30.0  # decibels from a voice's loud sounds to those not counted
_LOUD = 95  # per cent of the sounds of a voice that are not as loud
# Hertz of the parts of a spectrum: of the first and of the second resonance of
# the mouth, which its opening and its tongue and lips move, and of hissing.
_FIRST, _SECOND, _HISS = (250, 1000), (900, 2800), (3800, 7900)
_SPREAD = 12, 88  # per cent between which a voice's resonances move


class Articulation(NamedTuple):
  """What is heard in each of n frames, 25 a second; all float32 (n,), [0, 1].

  Attributes:
    speaking: how surely a voice is heard.
    level: how loud the frame is: 1 as the voice's loud sounds, 0 as silence.
    open: how open the mouth sounds, among the voice's own sounds.
    front: how far in front the tongue sounds: 1 as in 'see', 0 as in 'who'.
    hiss: how much of the sound is that of s, f or sh.
  """

  speaking: np.ndarray
  level: np.ndarray
  open: np.ndarray
  front: np.ndarray
  hiss: np.ndarray


def listen(wave: Iterable[np.ndarray]) -> Articulation:
  """Listens to mono float samples, 16 000 a second, that come in pieces."""
  hearing = ArticulationHearing()
  for piece in wave:
    hearing.add(piece)
  return hearing.end()


class ArticulationHearing:
  """What is heard of a mouth, as a sound goes on; 4 kB of memory a second."""

  def __init__(self):
    self._spectrum, self._activity = MelSpectrum(_MEL), VoiceActivity()
    self._bands, self._speaking, self._samples = _Frames(), [], 0

  def add(self, wave: np.ndarray) -> None:
    """Listens to the next mono float samples (n,), 16 000 a second."""
    self._samples += len(wave)
    self._bands.add(self._spectrum.add(wave))
    self._speaking.append(self._activity.add(wave))

  def end(self) -> Articulation:
    """All frames, of which the last one may be heard only in part."""
    self._bands.add(self._spectrum.end())
    heard = np.concatenate([*self._speaking, self._activity.end()])
    count = -(-self._samples // FRAME)
    times = (np.arange(count) + 0.5) / FRAME_RATE
    middles = (np.arange(len(heard)) + 0.5) * PIECE / RATE
    shares = np.interp(times, middles, heard) if count else np.zeros(0)
    return _articulate(self._bands.stack(count), shares)


class _Frames:
  """Mean powers of frames, (n, bands) float32, of rows that come in pieces."""

  def __init__(self):
    self._waiting, self._found = np.zeros((0, _MEL.bands)), []

  def add(self, rows: np.ndarray) -> None:
    rows = np.concatenate([self._waiting, rows**2])
    whole = len(rows) // _ROWS
    self._waiting = rows[whole * _ROWS :]
    means = rows[: whole * _ROWS].reshape(whole, _ROWS, _MEL.bands).mean(1)
    self._found.append(np.float32(means))

  def stack(self, count: int) -> np.ndarray:
    """The first `count` of them; what is left over at the end is one more."""
    rest = self._waiting.mean(0, keepdims=True) if len(self._waiting) else None
    found = self._found + ([] if rest is None else [np.float32(rest)])
    return np.concatenate(found)[:count]


def _articulate(power: np.ndarray, speaking: np.ndarray) -> Articulation:
  power = np.maximum(power, _FLOOR)
  hertz = _band_middles()
  loudness = 10 * np.log10(power.sum(1))
  voiced = speaking > 0.5
  if not voiced.any():
    return Articulation(*np.zeros((5, len(power)), np.float32))
  loud = np.percentile(loudness[voiced], _LOUD)
  level = np.clip((loudness - loud) / _RANGE + 1, 0, 1)
  # A voice is compared with itself, where it is loud: men's and children's
  # resonances lie elsewhere.
  clear = voiced & (level > 0.5)
  first, second = (
    _rank(_centroid(power, hertz, *part), clear) for part in (_FIRST, _SECOND)
  )
  hissing = power[:, hertz > _HISS[0]].sum(1) / power.sum(1)
  fields = speaking, level, first, second, hissing
  return Articulation(*(np.float32(field) for field in fields))


def _centroid(power, hertz, low: float, high: float) -> np.ndarray:
  """The middle (n,) of what a part of the spectrum holds, in octaves."""
  part = (hertz >= low) & (hertz <= high)
  octaves = np.log2(hertz[part])
  return (power[:, part] * octaves).sum(1) / power[:, part].sum(1)


def _rank(values: np.ndarray, clear: np.ndarray) -> np.ndarray:
  """Values (n,) as shares of the range that the clear ones have."""
  if not clear.any():
    return np.full_like(values, 0.5)
  low, high = np.percentile(values[clear], _SPREAD)
  return np.clip((values - low) / max(high - low, 1e-6), 0, 1)


def _band_middles() -> np.ndarray:
  """Hertz (bands,) of the middles of the bands."""
  weights = mel_filters(_MEL)
  hertz = np.arange(len(weights)) * _MEL.rate / _MEL.fft
  return hertz @ weights / weights.sum(0)
