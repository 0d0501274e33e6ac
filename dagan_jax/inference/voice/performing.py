"""What is to be acted, of what is heard in a voice and seen in videos.

acting = Acting(seed=3)
performance = act(hear_voice('voice.wav', acting), acting)
motion = watch_performance(animator, performance)
for frame in animator.frames(portrait, motion):
  ...
"""

import functools
from collections.abc import Callable

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.heard import Heard
from dagan_jax.inference.voice.learnt_head import hear_gaze, hear_head
from dagan_jax.inference.voice.learnt_lips import MOUTH
from dagan_jax.inference.voice.settings import Acting
from dagan_jax.inference.voice.watched_face import WatchedFace, watch_face
from data_pipelines.media import video_reader
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.synthetic.performance import Performance, perform


def check_acting(acting: Acting) -> None:
  """Raises UsageError for what a rendered person does not do."""
  if acting.as_published:
    raise UsageError(
      "as_published is of GoHD's networks; name their workdir, --workdir, or"
      ' leave the flag out'
    )


def act(
  heard: Heard, acting: Acting, settings: Settings | None = None
) -> Performance:
  """The performance of what is heard.

  A video that is shorter than the sound is gone through to and fro.

  Args:
    heard: of n frames, as this acting asks for it; of another seed, too.
    acting: where pose, expression and gaze come from.
    settings: whom a video shows, see `watch_face`.

  Raises:
    DataError: a video cannot be read, or shows no face.
    UsageError: a network of the package is missing or damaged.
  """
  performance = perform(heard.articulation, acting.seed)
  count = performance.count
  if acting.expression == 'audio':
    expression = performance.expression.copy()
    expression[:, MOUTH] = heard.lips
    performance = performance._replace(expression=expression)

  @functools.cache
  def watch(path: str) -> WatchedFace:
    frames = video_reader.read(path, rate=FRAME_RATE)
    return watch_face(
      frames,
      settings or Settings(),
      path,
      with_gaze=acting.gaze != 'audio' and acting.look is None,
    )

  def take(choice: str, part: Callable[[WatchedFace], np.ndarray]):
    path = heard.path if choice == 'video' else choice
    return go_to_and_fro(part(watch(path)), count)

  if acting.gaze == 'audio':
    gaze = hear_gaze(heard.voice, acting.seed)
  elif acting.look is None:
    gaze = take(acting.gaze, lambda face: face.gaze)
  else:
    gaze = np.tile(np.float32(np.radians(acting.look)), (count, 1))
  performance = performance._replace(gaze=gaze)
  still = np.zeros((count, 3), np.float32)
  if acting.pose == 'audio':
    head = hear_head(heard.voice, acting.seed)
    performance = performance._replace(turns=head.turns, shifts=head.shifts)
  elif acting.pose != 'rule':
    turns = still
    if acting.pose != 'still':
      turns = take(acting.pose, lambda face: face.turns)
    performance = performance._replace(turns=turns, shifts=still)
  if acting.expression not in ('audio', 'rule'):
    expression = take(acting.expression, lambda face: face.expression)
    performance = performance._replace(expression=expression)
  return performance


def go_to_and_fro(values: np.ndarray, count: int) -> np.ndarray:
  """The first `count` of values (n, ...) that go on backwards, and so on."""
  last = len(values) - 1
  place = np.arange(count) % max(2 * last, 1)
  return values[np.minimum(place, 2 * last - place)]
