"""Speeches of a data set that `data_pipelines.build --name=speakers` made."""

import bisect
import functools
import itertools
import pathlib
from collections.abc import Sequence
from typing import Any, NamedTuple

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

REMEMBERED = 2000  # speeches that a process keeps; 10 s take 0.9 MB


class Speeches:
  """The speeches of a data set, or of several: `data.path`, see `paths_of`.

  Its splits are those it was built with; `data.test_fraction` is ignored.
  """

  def __init__(self, data: Any, split: str):
    """Raises DataError when there is no speech to use, or no whole shard."""
    if split not in SPLITS:
      raise ValueError(f'split {split!r} is neither train nor test')
    self._sets = [_open(path, split) for path in paths_of(data.path)]
    counts = (len(one.clips) for one in self._sets)
    self._starts = tuple(itertools.accumulate(counts, initial=0))
    self.clips = tuple(clip for one in self._sets for clip in one.clips)

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
    which = bisect.bisect_right(self._starts, clip) - 1
    folder, shards, _ = self._sets[which]
    number = clip - self._starts[which]
    try:
      speech, voice = _hear(shards, number)
      if speech.name != self.clips[clip].name:
        raise ValueError(f'it is the speech {speech.name}')
      if speech.frames != self.clips[clip].frames:
        raise ValueError(f'it has {speech.frames} frames')
    except ValueError as error:
      file, position = shards.place(number)
      name = self.clips[clip].name
      raise _damaged(
        folder, f'record {position} of {file}, speech {name}: {error}'
      ) from None
    return speech, voice

  def digest(self, clip: int) -> str:
    """Returns nothing: a speech's name tells it."""
    return ''


def paths_of(path: str) -> list[str]:
  """The folders of data sets that a path names, with commas between them."""
  return [part.strip() for part in path.split(',')]


class _Set(NamedTuple):
  """A split of one data set."""

  folder: pathlib.Path
  shards: Shards
  clips: tuple[Clip, ...]


def _open(path: str, split: str) -> _Set:
  folder = manifest.find(path, speech_list.NAME, speech_list.BUILD)
  splits = speech_list.SpeechList.read(folder).splits
  if split not in splits or not splits[split].speeches:
    raise DataError(
      f'data set {folder}: it has no {split} split; build it from more'
      f' speakers, or with another --test_fraction: {speech_list.BUILD}'
    )
  listed = splits[split].speeches
  shards = Shards(folder, splits[split].shards)
  # A file that was cut short is told now, not after hours.
  for file, problem in shards.problems():
    raise _damaged(folder, f'{file} {problem}')
  if len(listed) != len(shards):
    raise _damaged(
      folder,
      f'{len(listed)} {split} speeches are listed, {len(shards)} are there',
    )
  clips = tuple(Clip(x.name, x.identity, x.frames) for x in listed)
  return _Set(folder, shards, clips)


def _damaged(folder: pathlib.Path, problem: str) -> DataError:
  return DataError(
    f'data set {folder}: {problem}; copy it again or build it anew:'
    f' {speech_list.BUILD}'
  )


@functools.lru_cache(REMEMBERED)
def _hear(shards: Shards, number: int) -> tuple[Speech, Voice]:
  """A speech, and what networks hear of it.

  As a whole: a window of it hears what lies around, and the loudness of all.
  """
  speech = parse_speech(shards.read(number))
  return speech, hear([speech.waveform / np.float32(2**15)])
