"""A trained network that moves portraits: arrays in, arrays out.

    animator = Animator.open()
    portrait = animator.prepare(picture)
    motion = animator.watch(SteadyVideo('driving.mp4'))
    for frame in animator.frames(portrait, motion, smooth=1.0):
      ...

One portrait serves many motions, and one motion many portraits. Every method
takes `Settings`, or some of its fields by name.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from fractions import Fraction
from typing import Any

import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.driving_motion import (
  DrivingMotion,
  check_network,
  load_motion,
)
from dagan_jax.inference.reenactment.live_motion import LiveMotion
from dagan_jax.inference.reenactment.panels import (
  check_network_shows,
  select_video_panels,
)
from dagan_jax.inference.reenactment.portraits import (
  Portrait,
  prepare_portrait,
)
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.reenactment.start_frame import StartFrame
from dagan_jax.inference.reenactment.stream import (
  RenderedChunk,
  compose_frames,
  render_chunks,
)
from dagan_jax.inference.reenactment.watching import (
  Progress,
  read_rate,
  watch_video,
)

DEFAULTS = Settings()


class Animator:
  """A trained network, ready to animate.

  Attributes:
    programs: the network's.
    size: width and height in pixels of the pictures that the network makes.
    chunk: how many frames go through the network together.
  """

  def __init__(self, programs: Programs, chunk: int = 4):
    """A short last chunk is filled up, so that programs are compiled once."""
    self.programs, self.size, self.chunk = programs, programs.size, chunk

  @classmethod
  def open(
    cls,
    workdir: str | None = None,
    *,
    chunk: int = 4,
    precision: str | None = None,
  ) -> 'Animator':
    """The network of a workdir's latest checkpoint, or of a model's file.

    Without either it is the model that the package brings along.

    Raises:
      UsageError: no such workdir or file, or no network in it that animates.
    """
    return cls(Programs.open(workdir, precision), chunk)

  @property
  def network(self) -> str:
    """A digest of what finds keypoints: equal where these mean the same."""
    return self.programs.network

  def check_panels(self, panels: Sequence[str]) -> None:
    """Raises UsageError for panels that this network cannot show."""
    check_network_shows(panels, self.programs.reenactor)

  def prepare(
    self,
    picture: np.ndarray,
    settings: Settings = DEFAULTS,
    *,
    name: str = 'the portrait',
    **changes: Any,
  ) -> Portrait:
    """Prepares a portrait, once for all motions that it is to have.

    Args:
      picture: uint8 (h, w, 3), of any size.
      settings: `crop`, `size` and `background`.
      name: for messages.
      **changes: settings by name.

    Raises:
      DataError: no face is found, or what a static background needs is missing.
      UsageError: a setting means nothing.
    """
    settings = settings.change(**changes)
    return prepare_portrait(self.programs, picture, settings, name)

  def watch(
    self,
    frames: Iterable[np.ndarray],
    settings: Settings = DEFAULTS,
    *,
    rate: Fraction | float | int | None = None,
    name: str = 'the video',
    progress: Progress | None = None,
    **changes: Any,
  ) -> DrivingMotion:
    """Finds how a video moves: memory does not grow with its pictures.

    Args:
      frames: uint8 (h, w, 3), of any size: a list, an array (n, h, w, 3), a
        `SteadyVideo` or anything else that can be gone through again from its
        start. What comes only once, such as a generator, will do with another
        crop than 'auto', and where no panel shows it.
      settings: `crop_driving` and `person`.
      rate: frames per second; as a video says, or 25.
      name: for messages.
      progress: is called after each chunk with the number of frames that are
        done, and of all, or None if that is not known.
      **changes: settings by name.

    Raises:
      DataError: no face is found, or no frame can be read.
      UsageError: there is no frame, or they come only once.
    """
    return watch_video(
      self.programs,
      frames,
      settings.change(**changes),
      chunk=self.chunk,
      rate=rate,
      name=name,
      progress=progress,
    )

  def follow(
    self,
    frames: Iterable[np.ndarray],
    settings: Settings = DEFAULTS,
    *,
    rate: Fraction | float | int | None = None,
    name: str = 'the stream',
    looks: Executor | None = None,
    ahead: int = 0,
    **changes: Any,
  ) -> LiveMotion:
    """The motion of frames that are still to come, such as a camera's.

    By itself, each is turned into a frame of the portrait before the next one
    is asked for. Relative motion starts from the first that shows a face; until
    then, and while none is seen, the portrait holds still.

    Args:
      frames: uint8 (h, w, 3), of any size.
      settings: `crop_driving`; auto looks for the largest face as frames come.
      rate: see `watch`.
      name: for messages.
      looks: looks for the face beside all else, where frames do not wait; None:
        in between.
      ahead: how many later frames may be in the making before one is shown,
        where they are there (see `LiveMotion`).
      **changes: settings by name.
    """
    settings = settings.change(**changes)
    return LiveMotion(
      self.programs,
      frames,
      read_rate(frames, rate),
      crop=settings.crop_driving,
      name=name,
      looks=looks,
      ahead=ahead,
    )

  def load_motion(self, path: str | os.PathLike) -> DrivingMotion:
    """A motion that was saved; raises UsageError for another network's."""
    return load_motion(path, self.network)

  def frames(
    self,
    portrait: Portrait,
    driving: DrivingMotion | LiveMotion,
    settings: Settings = DEFAULTS,
    **changes: Any,
  ) -> Iterator[np.ndarray]:
    """The portrait, moved: uint8 (h, w, 3), one for each driving frame.

    Memory does not grow with the video. Mistakes are told at once, before the
    first frame is asked for.

    Args:
      portrait: what `prepare` made.
      driving: what `watch`, `follow` or `load_motion` gave.
      settings: all but those of `prepare` and `watch`.
      **changes: settings by name.

    Raises:
      UsageError: a setting means nothing, the motion is another network's, or
        a panel cannot be shown.
    """
    settings = settings.change(**changes)
    check_network(driving.network, self.network, 'the motion')
    self.check_panels(settings.panels)
    of_video = select_video_panels(settings.panels)
    if of_video and not driving.has_frames:
      raise UsageError(
        f'no panel {", ".join(of_video)}: the driving frames are not there;'
        ' give the video, and frames that can be gone through again'
      )
    motion, start = self._find_start(portrait, driving, settings)
    if start:
      start.log(motion.count)
    chunks = render_chunks(
      self.programs,
      portrait,
      motion,
      start and start.keypoints,
      settings,
      self.chunk,
      with_frames=bool(of_video),
    )
    return compose_frames(chunks, portrait, settings)

  def look_inside(
    self,
    portrait: Portrait,
    motion: DrivingMotion,
    settings: Settings,
    numbers: Sequence[int],
  ) -> Iterator[RenderedChunk]:
    """Some frames of a video, and all that led to them.

    Args:
      portrait: what `prepare` made.
      motion: of a video that can be read again.
      settings: as for `frames`.
      numbers: of the frames, from 0, ascending.
    """
    motion, start = self._find_start(portrait, motion, settings)
    return render_chunks(
      self.programs,
      portrait,
      motion.choose(numbers),
      start and start.keypoints,
      settings,
      self.chunk,
      with_frames=True,
      inside=True,
    )

  def _find_start(
    self,
    portrait: Portrait,
    motion: DrivingMotion | LiveMotion,
    settings: Settings,
  ) -> tuple[DrivingMotion | LiveMotion, StartFrame | None]:
    """The motion, smoothed, and where relative motion starts from.

    There is no such frame in absolute motion, nor as long as no frame came.
    """
    motion = motion.smooth(settings.smooth)
    if settings.motion == 'absolute':
      return motion, None
    return motion, motion.find_start(settings.start, portrait.keypoints)
