"""What networks hear of a voice: mel spectra, and parts of them per frame.

GoHD's [Jia et al. 2025]: its expressions listen to the mel spectrum of Wav2Lip,
80 rows a second, its head motion to one of 100 rows a second.
"""

import os
from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
from absl import logging

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.mel import Mel, MelSpectrum, decibels
from data_pipelines.media.spooled_rows import SpooledRows
from data_pipelines.media.waveform import RATE, read_waveform

FRAME_RATE = 25  # of all motion that is made from a voice
FRAME = RATE // FRAME_RATE  # samples
SHORTEST = 5  # frames of a sound in which somebody can say something

MEL_80 = Mel(fft=800, hop=200, low=55.0, high=7600.0, preemphasis=0.97)
MEL_100 = Mel(fft=1280, hop=160, low=125.0, high=7600.0)

QUIET = -4.0  # of a row of `Voice.mel_80`, where nothing sounds
WINDOW = 16  # rows of the 80 a second that an expression listens to
ROWS = 4  # of the 100 a second that lie in a frame

_LOUDNESS = 0.1  # the root mean square that MEL_100 is brought to
_QUIETEST = 1e-4  # below it, a sound is not made louder any more

# Which spectrum head motion listens to. 'wrapped': as GoHD's published command
# does it, which reads the spectrum of 80 rows a second as though it had 100,
# and begins anew where it ends.
PoseMel = Literal['100 Hz', 'wrapped']


class Voice(NamedTuple):
  """The mel spectra of a sound of whole frames.

  Attributes:
    frames: how long it is, 25 a second; what is left over is not heard.
    mel_80: 1 + 16 * frames // 5 rows of 80 numbers in [-4, 4].
    plain_100: 1 + 4 * frames rows of 80 magnitudes, of which `mel_100` is made.
    loudness: the root mean square of its samples.
  """

  frames: int
  mel_80: SpooledRows
  plain_100: SpooledRows
  loudness: float

  def mel_100(self, rows: np.ndarray) -> np.ndarray:
    """Rows (..., 80), in [0, 1], of the same sound brought to one loudness."""
    # A magnitude is as much louder as the sound is: hearing it once is enough.
    louder = np.float32(_LOUDNESS / max(self.loudness, _QUIETEST))
    return np.clip(_scale(louder * self.plain_100[rows]), 0, 1)


def read_voice(path: str | os.PathLike) -> Voice:
  """Listens to a sound file, or to the sound of a video.

  Memory does not grow with it: of a long sound, a second takes 58 kB of a
  temporary file. A last frame that the sound only begins is filled up with
  silence, so that nothing said is lost.

  Raises:
    DataError: no such file, no sound in it that can be decoded, it lasts hardly
      at all, or no temporary file can be kept.
  """
  hearing = VoiceHearing()
  for piece in read_waveform(path):
    hearing.add(piece)
  hearing.fill_frame()
  voice = hearing.end()
  check_length(voice.frames, path)
  if not voice.loudness:
    logging.warning('%s: nothing is heard in it but silence', path)
  return voice


def check_length(frames: int, path: str | os.PathLike) -> None:
  """Raises DataError for a sound in which nobody can say anything."""
  if frames < SHORTEST:
    raise DataError(
      f'{path}: its sound lasts less than {SHORTEST / FRAME_RATE:g} s; give a'
      ' longer one'
    )


def hear(wave: Iterable[np.ndarray]) -> Voice:
  """Listens to mono float samples, 16 000 a second, that come in pieces."""
  hearing = VoiceHearing()
  for piece in wave:
    hearing.add(piece)
  return hearing.end()


class VoiceHearing:
  """What networks hear of a sound, as it goes on."""

  def __init__(self):
    self._spectra = MelSpectrum(MEL_80), MelSpectrum(MEL_100)
    self._scaled, self._plain = (SpooledRows(MEL_80.bands) for _ in range(2))
    self._rest = np.zeros(0, np.float32)  # of a frame that is not whole yet
    self._samples, self._power = 0, 0.0

  def add(self, wave: np.ndarray) -> None:
    """Listens to the next mono float samples (n,), 16 000 a second."""
    wave = np.concatenate([self._rest, wave])
    whole = len(wave) // FRAME * FRAME
    wave, self._rest = wave[:whole], wave[whole:]
    if whole:
      self._samples += whole
      self._power += float(np.square(wave, dtype=np.float64).sum())
      self._keep(*(spectrum.add(wave) for spectrum in self._spectra))

  def fill_frame(self) -> None:
    """Adds the silence that makes a whole frame of what is left over."""
    self.add(np.zeros(-len(self._rest) % FRAME, np.float32))

  def end(self) -> Voice:
    """All whole frames; what is left over is not heard."""
    self._keep(*(spectrum.end() for spectrum in self._spectra))
    loudness = float(np.sqrt(self._power / max(self._samples, 1)))
    frames = self._samples // FRAME
    return Voice(frames, self._scaled, self._plain, loudness)

  def _keep(self, rows_80: np.ndarray, rows_100: np.ndarray) -> None:
    scaled = 8 * _scale(np.float32(rows_80)) - 4
    self._scaled.add(np.clip(scaled, QUIET, 4))
    self._plain.add(rows_100)


def expression_windows(voice: Voice, frames: np.ndarray) -> np.ndarray:
  """What an expression listens to, float32 (n, 80, 16): mel bands by time.

  The fifth of a second around each of the frames (n,): from two frames before
  on. Beyond the ends of the sound, its first or last row goes on.
  """
  starts = np.trunc(80 * (np.asarray(frames) - 2) / FRAME_RATE).astype(int)
  rows = starts[:, None] + np.arange(WINDOW)
  rows = np.clip(rows, 0, len(voice.mel_80) - 1)
  return voice.mel_80[rows].swapaxes(1, 2)


def pose_conditions(
  voice: Voice, frames: np.ndarray, mel: PoseMel = '100 Hz'
) -> np.ndarray:
  """What head motion and gaze listen to, float32 (n, 320): time by mel bands.

  Args:
    voice: the sound.
    frames: (n,), each at least 0 and less than `voice.frames`.
    mel: the spectrum of the same time; or 'wrapped', for published weights
      that learnt so: its time runs 1.25 times as fast, and the last fifth of
      the frames listens to the begin of the sound.
  """
  rows = ROWS * np.asarray(frames)[:, None] + np.arange(ROWS)
  if mel == 'wrapped':
    found = voice.mel_80[rows % len(voice.mel_80)]
  else:
    found = voice.mel_100(rows)
  return found.reshape(len(rows), -1)


def _scale(magnitudes: np.ndarray) -> np.ndarray:
  """0 for silence, 1 for 20 decibels beyond a magnitude of 1."""
  return (decibels(magnitudes) - 20 + 100) / 100
