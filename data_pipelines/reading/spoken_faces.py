"""Pictures of rendered speakers, each with the motion around it."""

from typing import Any

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.reading.recorded_clips import TfdsClips
from data_pipelines.reading.speeches import Speeches
from data_pipelines.recorded import manifest

WINDOW = 27  # frames of motion, of which the middle one is that of the picture
BUILD = 'python -m data_pipelines.build --name=speakers --out=DIR --frames=N'


class SpokenFaces(TfdsClips):
  """The pictures below `data.path`, and the speeches that they are of.

  Both are made by one build of speakers, with `--frames`.
  """

  def __init__(self, data: Any, split: str):
    """Raises DataError when pictures or speeches are missing."""
    self._speeches = Speeches(data, split)
    if not manifest.is_below(data.path):
      raise DataError(
        f'{data.path}: holds speeches, but no pictures of them: {BUILD}'
      )
    super().__init__(data, split)
    numbers = {x.name: k for k, x in enumerate(self._speeches.clips)}
    unknown = [clip.name for clip in self.clips if clip.name not in numbers]
    if unknown:
      raise DataError(
        f'{data.path}: {len(unknown)} pictured speakers have no speech, such as'
        f' {unknown[0]}; build both anew: {BUILD}'
      )
    self._numbers = tuple(numbers[clip.name] for clip in self.clips)
    self._rate = manifest.Manifest.read(manifest.find(data.path)).fps

  def motion(self, clip: int, index: int) -> np.ndarray:
    """Float32 (27, 72) around a picture: expression 64, pose 6, gaze 2.

    Beyond the ends of the speech its first or last frame goes on.

    Raises:
      DataError: see `Speeches.sequence`.
    """
    number = self._numbers[clip]
    last = self._speeches.clips[number].frames - 1
    middle = round(index * FRAME_RATE / self._rate)
    frames = middle + np.arange(WINDOW) - WINDOW // 2
    seen = self._speeches.sequence(number, np.clip(frames, 0, last))
    parts = [seen[name] for name in ('expression', 'pose', 'gaze')]
    return np.concatenate(parts, axis=1)
