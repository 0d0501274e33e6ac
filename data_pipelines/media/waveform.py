"""Reads the sound of a video or sound file as a waveform, piece by piece."""

import os
from collections.abc import Iterator

import av
import numpy as np
import soxr

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.sound_source import SoundSource

RATE = 16_000  # hertz, of all that listens to a voice

# By how much a frame's time stamp may differ from the end of the frame before:
# containers round them. Beyond, there is a gap, or a frame that comes twice.
SLACK = 0.05  # seconds
# No sound pauses so long: its time stamp is damaged.
LONGEST_GAP = 3600  # seconds
_PIECE = RATE  # samples of silence at a time
_CENTRES = {'u': 128}  # of unsigned samples, by NumPy's kind


def read_waveform(
  path: str | os.PathLike, rate: int = RATE
) -> Iterator[np.ndarray]:
  """Yields a sound as mono float32 (n,) in about [-1, 1], in pieces.

  Channels are averaged. Time counts from the first picture of a video, or from
  the first sample of a sound file; where the sound begins later, or pauses, it
  is silent. No more than a piece is ever held: memory does not grow with the
  file.

  Args:
    path: a video or a sound file, of any codec, rate and number of channels.
    rate: samples per second of the result.

  Raises:
    DataError: no such file, or no sound in it that can be decoded.
  """
  source = SoundSource(path)
  try:
    if source.stream is None:
      raise DataError(
        f'{path}: has no sound that can be decoded; give a video that has one,'
        ' or an mp3 or wav'
      )
    is_empty = True
    for piece in _resample(_place(source), rate):
      is_empty = False
      yield piece
    if is_empty:
      raise DataError(
        f'{path}: its sound holds not one sample that can be decoded; is the'
        ' file damaged?'
      )
  finally:
    source.close()


def _place(source: SoundSource) -> Iterator[tuple[int, np.ndarray]]:
  """Pieces of mono sound, without gaps from the origin on, and their rates."""
  end = 0.0  # seconds since the origin, of all that was yielded
  has_begun = False
  for frame in source.frames():
    rate, samples = frame.sample_rate, _mono(frame)
    gap = 0.0
    if frame.pts is not None:
      gap = float(frame.pts * frame.time_base - source.origin) - end
    if gap > LONGEST_GAP:
      source.warn()
      gap = 0.0
    if has_begun and abs(gap) < SLACK:
      gap = 0.0
    missing = round(gap * rate)
    for begin in range(0, missing, _PIECE):
      yield rate, np.zeros(min(_PIECE, missing - begin), np.float32)
    samples = samples[max(-missing, 0) :]
    end += (max(missing, 0) + len(samples)) / rate
    if len(samples):
      has_begun = True
      yield rate, samples


def _mono(frame: av.AudioFrame) -> np.ndarray:
  """One frame as float32 (n,), whatever its numbers are."""
  stored = frame.to_ndarray()
  if not frame.format.is_planar:
    stored = stored.reshape(-1, frame.layout.nb_channels).T
  samples = stored.astype(np.float32)
  if stored.dtype.kind in 'iu':
    full = 2.0 ** (8 * stored.dtype.itemsize - 1)
    samples = (samples - _CENTRES.get(stored.dtype.kind, 0)) / full
  mono = samples.mean(0, dtype=np.float32)
  return np.nan_to_num(mono, nan=0.0, posinf=1.0, neginf=-1.0)


def _resample(
  pieces: Iterator[tuple[int, np.ndarray]], rate: int
) -> Iterator[np.ndarray]:
  """Makes all pieces of one rate; theirs may change in the middle."""
  stream, old = None, None
  for new, piece in pieces:
    if new != old:
      if stream:
        yield from _end(stream)
      stream = None if new == rate else soxr.ResampleStream(new, rate, 1)
      old = new
    piece = stream.resample_chunk(piece) if stream else piece
    if len(piece):
      yield piece
  if stream:
    yield from _end(stream)


def _end(stream: soxr.ResampleStream) -> Iterator[np.ndarray]:
  """What a resampler still holds back."""
  rest = stream.resample_chunk(np.zeros(0, np.float32), last=True)
  if len(rest):
    yield rest
