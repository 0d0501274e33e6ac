"""What is to be acted, of what is heard in a voice and seen in videos.

heard = hear_voice('voice.wav')
performance = act(heard, Acting(seed=3), audio='voice.wav')
motion = watch_performance(animator, performance)
for frame in animator.frames(portrait, motion):
  ...
"""

import functools
import os
from collections.abc import Callable

import numpy as np
from absl import logging
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.learnt_lips import MOUTH, hear_lips
from dagan_jax.inference.voice.settings import Acting
from dagan_jax.inference.voice.watched_face import WatchedFace, watch_face
from data_pipelines.media import video_reader
from data_pipelines.media.articulation import Articulation, listen
from data_pipelines.media.voice import FRAME_RATE, check_length
from data_pipelines.media.waveform import read_waveform
from data_pipelines.synthetic.performance import Performance, perform


def hear_voice(path: str | os.PathLike) -> Articulation:
  """Listens to a sound file, or to the sound of a video.

  Raises:
    DataError: it cannot be read, or lasts hardly at all.
  """
  heard = listen(read_waveform(path))
  check_length(len(heard.level), path)
  if not heard.level.any():
    logging.warning('%s: no voice is heard in it: the mouth stays shut', path)
  return heard


def hear_learnt_lips(
  heard: Articulation, acting: Acting, audio: str | os.PathLike
) -> Float[np.ndarray, 'n m'] | None:
  """The mouth that the package's network hears; None: it is not asked for."""
  if acting.expression != 'audio' or acting.lips != 'learnt':
    return None
  return hear_lips(audio, heard.speaking)


def check_acting(acting: Acting) -> None:
  """Raises UsageError for what a rendered person does not do."""
  if acting.gaze == 'audio':
    raise UsageError(
      "gaze=audio: only GoHD's networks hear gazes in a voice; name their"
      ' --workdir, or leave the flag out'
    )
  if acting.as_published:
    raise UsageError(
      "as_published is of GoHD's networks; name their workdir, --workdir, or"
      ' leave the flag out'
    )


def act(
  heard: Articulation,
  acting: Acting,
  settings: Settings | None = None,
  *,
  audio: str | os.PathLike,
  lips: Float[np.ndarray, 'n m'] | None = None,
) -> Performance:
  """The performance of what is heard.

  A video that is shorter than the sound is gone through to and fro.

  Args:
    heard: of n frames.
    acting: where pose, expression and gaze come from.
    settings: whom a video shows, see `watch_face`.
    audio: the file that is heard, which may be a video.
    lips: what `hear_learnt_lips` gives, for several performances of one voice;
      None: heard now, where they are wanted.

  Raises:
    DataError: a video cannot be read, or shows no face.
  """
  performance = perform(heard, acting.seed)
  count = performance.count
  if lips is None:
    lips = hear_learnt_lips(heard, acting, audio)
  if lips is not None:
    expression = performance.expression.copy()
    expression[:, MOUTH] = lips
    performance = performance._replace(expression=expression)

  @functools.cache
  def watch(path: str) -> WatchedFace:
    frames = video_reader.read(path, rate=FRAME_RATE)
    return watch_face(
      frames,
      settings or Settings(),
      path,
      with_gaze=acting.look is None,
    )

  def take(choice: str, part: Callable[[WatchedFace], np.ndarray]):
    path = str(audio) if choice == 'video' else choice
    return go_to_and_fro(part(watch(path)), count)

  if acting.look is None:
    gaze = take(acting.gaze, lambda face: face.gaze)
  else:
    gaze = np.tile(np.float32(np.radians(acting.look)), (count, 1))
  performance = performance._replace(gaze=gaze)
  if acting.pose != 'audio':
    still = np.zeros((count, 3), np.float32)
    turns = still
    if acting.pose != 'still':
      turns = take(acting.pose, lambda face: face.turns)
    performance = performance._replace(turns=turns, shifts=still)
  if acting.expression != 'audio':
    expression = take(acting.expression, lambda face: face.expression)
    performance = performance._replace(expression=expression)
  return performance


def go_to_and_fro(values: np.ndarray, count: int) -> np.ndarray:
  """The first `count` of values (n, ...) that go on backwards, and so on."""
  last = len(values) - 1
  place = np.arange(count) % max(2 * last, 1)
  return values[np.minimum(place, 2 * last - place)]
