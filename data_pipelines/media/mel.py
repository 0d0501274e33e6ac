"""Mel spectra of a sound that comes in pieces."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.sparse import csr_array

FLOOR = 1e-5  # the smallest magnitude that is told from silence
_LINEAR = 200 / 3  # hertz per mel below _BREAK, on Slaney's scale
_BREAK = 1000.0  # hertz, from where on mels are logarithmic
_STEP = np.log(6.4) / 27  # of the logarithm, per mel


class Mel(NamedTuple):
  """How a mel spectrum is made.

  Attributes:
    fft: samples of a window, which is Hann's.
    hop: samples from one window to the next.
    low: hertz, where the lowest band begins.
    high: hertz, where the highest band ends.
    preemphasis: how much of the sample before is taken from each sample.
    bands: how many.
    rate: samples per second.
  """

  fft: int
  hop: int
  low: float
  high: float
  preemphasis: float = 0.0
  bands: int = 80
  rate: int = 16_000


class MelSpectrum:
  """Magnitudes in mel bands, one row for each window, as a sound goes on.

  Windows are centred on samples 0, hop, 2 hop and so on of the sound, which is
  silent outside: n samples give 1 + n // hop rows.
  """

  def __init__(self, mel: Mel):
    self._mel = mel
    self._window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(mel.fft) / mel.fft)
    # Most weights are 0, and a sparse product keeps to one thread.
    self._filters = csr_array(mel_filters(mel).T)
    self._waiting = np.zeros(mel.fft // 2)
    self._last = 0.0

  def add(self, wave: np.ndarray) -> np.ndarray:
    """The rows (m, bands), float64, that the next samples (n,) complete."""
    wave = np.concatenate([[self._last], wave])
    self._last = wave[-1]
    flat = wave[1:] - self._mel.preemphasis * wave[:-1]
    return self._rows(flat)

  def end(self) -> np.ndarray:
    """The rows (m, bands) whose windows reach beyond the end of the sound."""
    return self._rows(np.zeros(self._mel.fft // 2))

  def _rows(self, more: np.ndarray) -> np.ndarray:
    fft, hop = self._mel.fft, self._mel.hop
    self._waiting = np.concatenate([self._waiting, more])
    if len(self._waiting) < fft:
      return np.zeros((0, self._mel.bands))
    windows = sliding_window_view(self._waiting, fft)[::hop]
    magnitudes = abs(np.fft.rfft(windows * self._window))
    rows = (self._filters @ magnitudes.T).T
    self._waiting = self._waiting[len(windows) * hop :]
    return rows


def mel_filters(mel: Mel) -> np.ndarray:
  """The weight (fft // 2 + 1, bands) of each frequency in each band.

  Triangles on Slaney's mel scale, each of area 1 over its hertz [Slaney 1998,
  Auditory Toolbox].
  """
  low, high = _to_mels(mel.low), _to_mels(mel.high)
  edges = _to_hertz(np.linspace(low, high, mel.bands + 2))
  hertz = np.arange(mel.fft // 2 + 1)[:, None] * mel.rate / mel.fft
  left, middle, right = edges[:-2], edges[1:-1], edges[2:]
  rising = (hertz - left) / (middle - left)
  falling = (right - hertz) / (right - middle)
  return np.maximum(np.minimum(rising, falling), 0) * 2 / (right - left)


def decibels(magnitudes: np.ndarray) -> np.ndarray:
  """Magnitudes in decibels, of which -100 is silence."""
  return 20 * np.log10(np.maximum(magnitudes, FLOOR))


def _to_mels(hertz: float) -> float:
  if hertz < _BREAK:
    return hertz / _LINEAR
  return _BREAK / _LINEAR + np.log(hertz / _BREAK) / _STEP


def _to_hertz(mels: np.ndarray) -> np.ndarray:
  beyond = np.maximum(mels - _BREAK / _LINEAR, 0)
  linear = np.minimum(mels, _BREAK / _LINEAR) * _LINEAR
  return linear * np.exp(_STEP * beyond)
