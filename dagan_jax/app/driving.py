"""What drives portraits: a video, a motion that was saved, or a stream."""

import pathlib
from typing import NamedTuple

from dagan_jax.app.extras import Extras
from dagan_jax.app.files import STREAM
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.motion import Motion, MovesPortraits
from dagan_jax.inference.reenactment.driving_motion import is_motion
from dagan_jax.inference.reenactment.panels import select_video_panels
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import live_video, video_reader


class Driving(NamedTuple):
  """A motion, and the video or the sound that it is made from."""

  motion: Motion
  video: video_reader.Video | live_video.LiveVideo | None = None
  sound: str | None = None

  @property
  def soundtrack(self) -> str | None:
    """The file whose soundtrack the result has, if it may have one."""
    if self.sound:
      return self.sound
    if isinstance(self.video, video_reader.Video) and self.video.path.is_file():
      return str(self.video.path)
    return None

  @property
  def broken(self) -> DataError | None:
    """Why the video ended early, if it did."""
    return self.video and self.video.broken


def check_driving(
  driving: str, settings: Settings, extras: Extras, sheet: str | None
) -> None:
  """Raises UsageError for what can not be made of what drives.

  Args:
    driving: a path, or STREAM.
    settings: how portraits are moved.
    extras: what is kept beside the video.
    sheet: a contact sheet's path.
  """
  panels = select_video_panels(settings.panels)
  if is_motion(driving) and (panels or sheet):
    what = f'--grid={",".join(panels)}' if panels else 'a contact sheet'
    raise UsageError(f'{what} shows driving frames: give the video')
  if driving == STREAM and (extras.have_motion or sheet):
    what = (
      '--save=motion keeps' if extras.have_motion else 'a contact sheet shows'
    )
    raise UsageError(f'{what} a whole video: write the stream to a file first')


def open_driving(
  animator: MovesPortraits, driving: str, settings: Settings
) -> Driving:
  """The motion of a video, of a file of one that was saved, or of a stream.

  Raises:
    DataError: the video cannot be read, or shows no face.
    UsageError: the motion is another network's, or damaged.
  """
  if is_motion(driving):
    return Driving(animator.load_motion(driving))
  if driving == STREAM:
    video = live_video.open_standard_input()
    return Driving(animator.follow(video, settings, name=video.name), video)
  video = video_reader.SteadyVideo(pathlib.Path(driving))
  with progress.bar(video.probe.frames, unit='frame watched') as bar:
    motion = animator.watch(
      video,
      settings,
      name=driving,
      progress=lambda done, total: bar.update(done - bar.n),
    )
  return Driving(motion, video)
