"""Every option of speaking: what follows the voice, and what does not."""

import dataclasses
import math
import os

from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option

_WORDS = 'audio', 'rule', 'still', 'video'
WIDEST = 30.0  # degrees that eyes turn away from the camera


@dataclasses.dataclass(frozen=True)
class Acting:
  """How somebody who speaks is acted; the command's flags are made from it.

  Raises:
    UsageError: a value means nothing.
  """

  pose: str = option(
    'audio',
    words=_WORDS,
    parse=os.path.expanduser,
    help='how the head moves: as somebody might who says this, by networks'
    ' (audio) or, of the rendered actor, by rules (rule); not at all (still);'
    ' as in the video that --audio is (video), or as in another video, by its'
    ' path; a shorter one goes to and fro',
  )
  expression: str = option(
    'audio',
    words=('audio', 'rule', 'video'),
    parse=os.path.expanduser,
    help='what the face does: by the voice, as networks hear it (audio) or, of'
    ' the rendered actor, by rules (rule); as in the video that --audio is'
    ' (video), or as in another video, by its path; then lips do not follow'
    ' the voice',
  )
  gaze: str = option(
    'source',
    words=('source', 'audio', 'video'),
    parse=os.path.expanduser,
    help='where the eyes look: where they do in the portrait, wherever the head'
    ' turns (source); so many degrees aside from there, yaw,pitch: to the'
    " picture's right, and down; as a network hears in the voice (audio); or as"
    ' in the video that --audio is (video), or another one, by its path',
  )
  seed: int = option(
    0,
    parse=int,
    help='another number, another performance of the same words',
  )
  as_published: bool = option(
    False,
    help="with GoHD's networks: change what they hear as their published"
    ' command does: poses averaged over five frames and 1.2 times as large,'
    ' expressions 1.5 times',
  )

  def __post_init__(self):
    if self.seed < 0:
      raise UsageError(f'seed={self.seed}: give a whole number, 0 or more')
    _ = self.look

  @property
  def videos(self) -> list[str]:
    """The paths of other videos that are watched."""
    paths = [x for x in (self.pose, self.expression) if x not in _WORDS]
    if self.look is None and self.gaze not in _WORDS:
      paths.append(self.gaze)
    return paths

  @property
  def look(self) -> tuple[float, float] | None:
    """Yaw and pitch of the gaze, degrees; None: a video's or the voice's."""
    if self.gaze == 'source':
      return 0.0, 0.0
    try:
      yaw, pitch = map(float, self.gaze.split(','))
    except ValueError:
      return None
    if not math.hypot(yaw, pitch) <= WIDEST:
      raise UsageError(
        f'gaze={self.gaze}: eyes turn by {WIDEST:g} degrees at most'
      )
    return yaw, pitch
