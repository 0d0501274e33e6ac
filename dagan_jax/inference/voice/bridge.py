"""Makes a network that moves portraits as videos move follow a voice.

A rendered person acts what the voice is heard to do, the network watches, and
what it finds is a motion like any other.
"""

import dataclasses
import itertools
import os
from typing import Any

import jax

from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.driving_motion import DrivingMotion
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.reenactment.watching import Progress
from dagan_jax.inference.voice.heard import hear_voice
from dagan_jax.inference.voice.performing import act, check_acting
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.synthetic.acting import ActedVideo
from data_pipelines.synthetic.performance import Performance, rest


class ActingSpeaker:
  """Somebody who speaks: a rendered person whom the network watches."""

  def __init__(
    self,
    animator: Animator,
    audio: str | os.PathLike,
    acting: Acting,
    settings: Settings | None = None,
  ):
    """Listens.

    Args:
      animator: the network that watches.
      audio: a sound file, or a video with a soundtrack.
      acting: where pose, expression and gaze come from.
      settings: whom videos show.

    Raises:
      UsageError: an acting is asked for that is none of the voice's.
      DataError: it cannot be heard, or lasts hardly at all.
    """
    check_acting(acting)
    self._animator = animator
    self._acting, self._settings = acting, settings
    self._heard = hear_voice(audio, acting)

  def act(
    self, portrait: Any, seed: int, progress: Progress | None = None
  ) -> DrivingMotion:
    """The motion, which suits every portrait; raises as `performing.act`.

    Args:
      portrait: any.
      seed: another one, another performance.
      progress: see `Animator.watch`.
    """
    del portrait
    acting = dataclasses.replace(self._acting, seed=seed)
    performance = act(self._heard, acting, self._settings)
    return watch_performance(self._animator, performance, progress=progress)


def watch_performance(
  animator: Animator,
  performance: Performance,
  *,
  progress: Progress | None = None,
) -> DrivingMotion:
  """The motion of a rendered person who acts a performance.

  Relative motion starts from the person at rest, looking into the camera.

  Args:
    animator: the network that watches.
    performance: of one frame or more.
    progress: see `Animator.watch`.
  """
  acted = ActedVideo(performance, animator.size)
  motion = animator.watch(
    _AfterRest(acted, animator.size),
    crop_driving='none',
    rate=acted.rate,
    progress=progress,
  )
  return dataclasses.replace(
    motion,
    keypoints=jax.tree.map(lambda x: x[1:], motion.keypoints),
    frames=acted,
    rest=jax.tree.map(lambda x: x[0], motion.keypoints),
  )


class _AfterRest:
  """Acted frames behind one of the same person at rest."""

  def __init__(self, acted: ActedVideo, size: int):
    self._acted, self._rest = acted, ActedVideo(rest(), size)

  def __len__(self) -> int:
    return 1 + len(self._acted)

  def __iter__(self):
    return itertools.chain(self._rest, self._acted)
