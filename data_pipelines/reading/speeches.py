"""Speeches of a data set that `data_pipelines.build --name=speakers` made."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.voice import (
  FRAME_RATE,
  Voice,
  expression_windows,
  hear,
  pose_conditions,
)
from data_pipelines.reading.clips import Clip
from data_pipelines.reading.video_folder import SPLITS
from data_pipelines.recorded import manifest, speech_list
from data_pipelines.recorded.shards import Shards
from data_pipelines.recorded.speeches import Speech, parse_speech
from data_pipelines.speech.phones import BILABIAL, during

REMEMBERED = 400  # speeches that a process keeps; one of 15 s takes a megabyte


class Speeches:
  """The speeches of a data set, `data.path`.

  Its splits are those it was built with; `data.test_fraction` is ignored.
  """

  def __init__(self, data: Any, split: str):
    """Raises DataError when there is no speech to use, or no whole shard."""
    if split not in SPLITS:
      raise ValueError(f'split {split!r} is neither train nor test')
    self._folder = manifest.find(data.path, speech_list.NAME, speech_list.BUILD)
    splits = speech_list.SpeechList.read(self._folder).splits
    if split not in splits or not splits[split].speeches:
      raise DataError(
        f'data set {self._folder}: it has no {split} split; build it from more'
        f' speakers, or with another --test_fraction: {speech_list.BUILD}'
      )
    listed = splits[split].speeches
    self._shards = Shards(self._folder, splits[split].shards)
    # A file that was cut short is told now, not after hours.
    for path, problem in self._shards.problems():
      raise self._error(f'{path} {problem}')
    if len(listed) != len(self._shards):
      raise self._error(
        f'{len(listed)} {split} speeches are listed, {len(self._shards)} are'
        ' there'
      )
    self.clips = tuple(Clip(x.name, x.identity, x.frames) for x in listed)

  def sequence(self, clip: int, frames: Sequence[int]) -> dict[str, np.ndarray]:
    """What is heard and seen in t frames of a speech, one after another.

    mel_windows: float32 (t, 80, 16), see `voice.expression_windows`.
    pose_condition: float32 (t, 320), see `voice.pose_conditions`.
    expression: float32 (t, 64), pose: float32 (t, 6), gaze: float32 (t, 2), see
      `synthetic.coefficients`.
    speaking: bool (t,), whether a phone sounds.
    bilabial: bool (t,), whether one in which lips are shut does.

    Raises:
      DataError: a record is damaged or another speech's; it says which.
    """
    speech, voice = self.listen(clip)
    frames = np.asarray(frames)
    times = (frames + 0.5) / FRAME_RATE
    return {
      'mel_windows': expression_windows(voice, frames),
      'pose_condition': pose_conditions(voice, frames),
      'expression': speech.expression[frames],
      'pose': speech.pose[frames],
      'gaze': speech.gaze[frames],
      'speaking': during(speech.phones, times),
      'bilabial': during(speech.phones, times, BILABIAL),
    }

  def listen(self, clip: int) -> tuple[Speech, Voice]:
    """A speech, and what networks hear of it.

    Raises:
      DataError: a record is damaged or another speech's; it says which.
    """
    try:
      speech, voice = _hear(self._shards, clip)
      if speech.name != self.clips[clip].name:
        raise ValueError(f'it is the speech {speech.name}')
      if speech.frames != self.clips[clip].frames:
        raise ValueError(f'it has {speech.frames} frames')
    except ValueError as error:
      file, position = self._shards.place(clip)
      name = self.clips[clip].name
      raise self._error(
        f'record {position} of {file}, speech {name}: {error}'
      ) from None
    return speech, voice

  def digest(self, clip: int) -> str:
    """Returns nothing: a speech's name tells it."""
    return ''

  def _error(self, problem: str) -> DataError:
    return DataError(
      f'data set {self._folder}: {problem}; copy it again or build it anew:'
      f' {speech_list.BUILD}'
    )


@functools.lru_cache(REMEMBERED)
def _hear(shards: Shards, number: int) -> tuple[Speech, Voice]:
  """A speech, and what networks hear of it.

  As a whole: a window of it hears what lies around, and the loudness of all.
  """
  speech = parse_speech(shards.read(number))
  return speech, hear([speech.waveform / np.float32(2**15)])
