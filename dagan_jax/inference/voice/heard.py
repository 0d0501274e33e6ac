"""What is heard in a voice, once for all its performances."""

import os
from typing import NamedTuple

import numpy as np
from absl import logging
from jaxtyping import Float

from dagan_jax.inference.voice.learnt_lips import hear_lips
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.media.articulation import Articulation, listen
from data_pipelines.media.voice import Voice, check_length, read_voice
from data_pipelines.media.waveform import read_waveform


class Heard(NamedTuple):
  """A voice of n frames, as far as an acting asks for it."""

  path: str  # of the file, which may be a video
  articulation: Articulation
  voice: Voice | None  # what networks hear; None: none is asked
  lips: Float[np.ndarray, 'n m'] | None  # weights of `learnt_lips.MOUTH`

  @property
  def count(self) -> int:
    """How many frames there are."""
    return len(self.articulation.level)


def hear_voice(path: str | os.PathLike, acting: Acting) -> Heard:
  """Listens to a sound file, or to the sound of a video.

  Raises:
    DataError: it cannot be read, or lasts hardly at all.
    UsageError: a network of the package is missing or damaged.
  """
  articulation = listen(read_waveform(path))
  check_length(len(articulation.level), path)
  if not articulation.level.any():
    logging.warning('%s: no voice is heard in it: the mouth stays shut', path)
  heard = Heard(os.fspath(path), articulation, None, None)
  parts = acting.pose, acting.expression, acting.gaze
  if 'audio' in parts:
    heard = heard._replace(voice=read_voice(path))
  if acting.expression == 'audio':
    lips = hear_lips(heard.voice, articulation.speaking)
    heard = heard._replace(lips=lips)
  return heard
