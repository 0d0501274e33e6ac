"""What is heard in a voice, once for all its performances."""

import os
from typing import NamedTuple

import numpy as np
from absl import logging
from jaxtyping import Float

from dagan_jax.inference.voice.learnt_lips import hear_lips
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.media.articulation import (
  Articulation,
  ArticulationHearing,
)
from data_pipelines.media.voice import Voice, VoiceHearing, check_length
from data_pipelines.media.waveform import read_waveform


class Heard(NamedTuple):
  """A voice of n frames."""

  path: str  # of the file, which may be a video
  articulation: Articulation
  voice: Voice  # what networks hear
  # Weights of `learnt_lips.MOUTH`; None: the acting does not ask for them.
  lips: Float[np.ndarray, 'n m'] | None

  @property
  def count(self) -> int:
    """How many frames there are."""
    return len(self.articulation.level)


def hear_voice(path: str | os.PathLike, acting: Acting) -> Heard:
  """Listens to a sound file, or to the sound of a video; reads it once.

  Memory hardly grows with it, see `read_voice`.

  Raises:
    DataError: it cannot be read, lasts hardly at all, or no temporary file can
      be kept.
    UsageError: a network of the package is missing or damaged.
  """
  ear, networks_ear = ArticulationHearing(), VoiceHearing()
  for piece in read_waveform(path):
    ear.add(piece)
    networks_ear.add(piece)
  networks_ear.fill_frame()
  articulation, voice = ear.end(), networks_ear.end()
  check_length(voice.frames, path)
  if not articulation.level.any():
    logging.warning('%s: no voice is heard in it: the mouth stays shut', path)
  lips = None
  if acting.expression == 'audio':
    lips = hear_lips(voice, articulation.speaking)
  return Heard(os.fspath(path), articulation, voice, lips)
