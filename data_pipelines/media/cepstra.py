"""Cepstra of a voice (MFCC), as SyncNet was taught to hear it.

What the package python_speech_features computes when nothing else is asked for.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct

from data_pipelines.media.waveform import RATE

_WINDOW = 400  # samples: 25 ms
_HOP = 160
_FFT = 512
_BANDS = 26
_KEPT = 13
_PREEMPHASIS = 0.97
_LIFTER = 22
_FULL = 2**15  # of 16 bits, in which loudness is counted
_LEAST = np.finfo(float).eps


def find_cepstra(wave: np.ndarray) -> np.ndarray:
  """Cepstra (13, m), 100 a second, the first one being the loudness.

  Args:
    wave: mono samples (n,) within [-1, 1], 16,000 a second; n samples give
      1 + ceil((n - 400) / 160) columns, at least one.
  """
  wave = _FULL * np.float64(wave)
  flat = wave - _PREEMPHASIS * np.concatenate([[0.0], wave[:-1]])
  more = max(-(-(len(flat) - _WINDOW) // _HOP), 0)
  flat = np.pad(flat, (0, _WINDOW + more * _HOP - len(flat)))
  windows = sliding_window_view(flat, _WINDOW)[::_HOP]
  power = np.abs(np.fft.rfft(windows, _FFT)) ** 2 / _FFT
  energy = np.maximum(power.sum(1), _LEAST)
  bands = np.maximum(power @ _filters().T, _LEAST)
  cepstra = dct(np.log(bands), norm='ortho')[:, :_KEPT]
  number = np.arange(_KEPT)
  cepstra *= 1 + _LIFTER / 2 * np.sin(np.pi * number / _LIFTER)
  cepstra[:, 0] = np.log(energy)
  return cepstra.T


def _filters() -> np.ndarray:
  """The weight (26, 257) of each frequency in each band: triangles."""
  highest = 2595 * np.log10(1 + RATE / 2 / 700)
  mels = np.linspace(0, highest, _BANDS + 2)
  edges = np.floor((_FFT + 1) * 700 * (10 ** (mels / 2595) - 1) / RATE)
  left, middle, right = (
    edges[start : start + _BANDS, None] for start in (0, 1, 2)
  )
  bins = np.arange(_FFT // 2 + 1)
  rising, falling = (
    (bins - left) / (middle - left),
    (right - bins) / (right - middle),
  )
  return np.maximum(np.minimum(rising, falling), 0)
