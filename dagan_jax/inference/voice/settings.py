"""Every option of speaking: what follows the voice, and what does not."""

import dataclasses
import math
import os

from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option

WIDEST = 30.0  # degrees that eyes turn away from the camera


@dataclasses.dataclass(frozen=True)
class Acting:
  """How somebody who speaks is acted; the command's flags are made from it.

  Raises:
    UsageError: a value means nothing.
  """

  pose: str = option(
    'audio',
    parse=os.path.expanduser,
    help='how the head moves: as somebody might who says this (audio), not at'
    ' all (still), as in the video that --audio is (video), or as in another'
    ' video, by its path; a shorter one goes to and fro',
  )
  expression: str = option(
    'audio',
    parse=os.path.expanduser,
    help='what the face does: by the voice (audio), as in the video that'
    ' --audio is (video), or as in another video, by its path; then lips do'
    ' not follow the voice',
  )
  gaze: str = option(
    'source',
    help='where the eyes look: where they do in the portrait, wherever the head'
    ' turns (source), or so many degrees aside, yaw,pitch: to the'
    " picture's right, and down",
  )
  seed: int = option(
    0,
    parse=int,
    help='another number, another performance of the same words',
  )

  def __post_init__(self):
    if self.seed < 0:
      raise UsageError(f'seed={self.seed}: give a whole number, 0 or more')
    _ = self.look

  @property
  def videos(self) -> list[str]:
    """The paths of other videos that are watched."""
    words = 'audio', 'still', 'video'
    return [x for x in (self.pose, self.expression) if x not in words]

  @property
  def look(self) -> tuple[float, float]:
    """Yaw and pitch of the gaze before the camera, degrees."""
    if self.gaze == 'source':
      return 0.0, 0.0
    try:
      yaw, pitch = map(float, self.gaze.split(','))
    except ValueError:
      raise UsageError(
        f'gaze={self.gaze}: give source, or yaw,pitch in degrees, such as 15,0'
      ) from None
    if not math.hypot(yaw, pitch) <= WIDEST:
      raise UsageError(
        f'gaze={self.gaze}: eyes turn by {WIDEST:g} degrees at most'
      )
    return yaw, pitch
