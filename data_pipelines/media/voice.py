"""What networks hear of a voice: mel spectra, and parts of them per frame.

GoHD's [Jia et al. 2025]: its expressions listen to the mel spectrum of Wav2Lip,
80 rows a second, its head motion to one of 100 rows a second.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import numpy as np
from absl import logging

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.mel import Mel, MelSpectrum, decibels
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
_AT_ONCE = 10_000  # rows that are scaled together, for memory
_QUIETEST = 1e-4  # below it, a sound is not made louder any more

# Which spectrum head motion listens to. 'wrapped': as GoHD's published command
# does it, which reads the spectrum of 80 rows a second as though it had 100,
# and begins anew where it ends.
PoseMel = Literal['100 Hz', 'wrapped']


class Voice(NamedTuple):
  """The mel spectra of a sound of whole frames.

  Attributes:
    frames: how long it is, 25 a second; what is left over is not heard.
    mel_80: float32 (1 + 16 * frames // 5, 80), in [-4, 4].
    mel_100: float32 (1 + 4 * frames, 80), in [0, 1]; of one loudness.
  """

  frames: int
  mel_80: np.ndarray
  mel_100: np.ndarray


def read_voice(path: str | os.PathLike) -> Voice:
  """Listens to a sound file, or to the sound of a video.

  A second of it takes 58 kB of memory; the waveform is never held as a whole. A
  last frame that the sound only begins is filled up with silence, so that
  nothing said is lost.

  Raises:
    DataError: no such file, no sound in it that can be decoded, or it lasts
      hardly at all.
  """
  voice = hear(_fill_last_frame(read_waveform(path)))
  check_length(voice.frames, path)
  if not voice.mel_100.any():
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
  spectra = MelSpectrum(MEL_80), MelSpectrum(MEL_100)
  scaled, plain = _Rows(), _Rows()
  samples, power = 0, 0.0
  for piece in _whole_frames(wave):
    samples += len(piece)
    power += float(np.square(piece, dtype=np.float64).sum())
    scaled.add(_scale_80(spectra[0].add(piece)))
    plain.add(spectra[1].add(piece))
  scaled.add(_scale_80(spectra[0].end()))
  plain.add(spectra[1].end())
  loudness = max(np.sqrt(power / max(samples, 1)), _QUIETEST)
  # A magnitude is as much louder as the sound is: one pass is enough.
  louder = np.float32(_LOUDNESS / loudness)
  mel_100 = plain.array()
  for begin in range(0, len(mel_100), _AT_ONCE):
    part = mel_100[begin : begin + _AT_ONCE]
    np.clip(_scale(louder * part), 0, 1, out=part)
  return Voice(samples // FRAME, scaled.array(), mel_100)


class _Rows:
  """Rows of a spectrum, which grow without ever being there twice."""

  def __init__(self):
    self._bytes = bytearray()

  def add(self, rows: np.ndarray) -> None:
    self._bytes += np.float32(rows).tobytes()

  def array(self) -> np.ndarray:
    """All of them, float32 (m, 80), which may be written to."""
    return np.frombuffer(self._bytes, np.float32).reshape(-1, MEL_80.bands)


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
    spectrum = voice.mel_80
    rows = rows % len(spectrum)
  else:
    spectrum = voice.mel_100
  return spectrum[rows].reshape(len(rows), -1)


def _fill_last_frame(wave: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """The same samples, and as much silence as makes whole frames of them."""
  samples = 0
  for piece in wave:
    samples += len(piece)
    yield piece
  yield np.zeros(-samples % FRAME, np.float32)


def _whole_frames(wave: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
  """The same samples without what is left over of the last frame."""
  rest = np.zeros(0, np.float32)
  for piece in wave:
    piece = np.concatenate([rest, piece])
    whole = len(piece) // FRAME * FRAME
    rest = piece[whole:]
    if whole:
      yield piece[:whole]


def _scale_80(magnitudes: np.ndarray) -> np.ndarray:
  return np.clip(8 * _scale(np.float32(magnitudes)) - 4, QUIET, 4)


def _scale(magnitudes: np.ndarray) -> np.ndarray:
  """0 for silence, 1 for 20 decibels beyond a magnitude of 1."""
  return (decibels(magnitudes) - 20 + 100) / 100
