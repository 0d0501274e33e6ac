"""One portrait and one video, from files to files."""

import pathlib
from collections.abc import Iterator
from fractions import Fraction
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np
from absl import logging
from tqdm import tqdm

from dagan_jax.app.contact_sheet import contact_sheet
from dagan_jax.app.extras import Byproducts
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment.animator import (
  Animator,
  Progress,
)
from dagan_jax.inference.reenactment.driving_motion import (
  SUFFIX,
  DrivingMotion,
  MotionKind,
  check_motion,
)
from dagan_jax.inference.reenactment.driving_video import DrivingVideo
from dagan_jax.inference.reenactment.panels import (
  check_tracks,
  need_video,
)
from dagan_jax.inference.reenactment.portraits import (
  Background,
  Portrait,
  check_background,
)
from dagan_jax.inference.reenactment.programs import Precision
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import (
  pictures,
  video_reader,
)


class Settings(NamedTuple):
  """How portraits move; the flags of the command have the same names.

  `Animator.animate` tells what they mean; of `precision`, `Animator.open`.
  """

  motion: MotionKind = 'relative'
  start: str | int = 'best'
  strength: float = 1.0
  smooth: float = 0.0
  crop: str = 'auto'
  crop_driving: str = 'auto'
  background: Background = 'moving'
  paste_back: bool = False
  grid: str = 'result'  # tracks, comma-separated
  debug_identity: bool = False
  precision: Precision | None = None

  @property
  def tracks(self) -> tuple[str, ...]:
    """What is shown side by side."""
    return tuple(self.grid.split(','))

  @property
  def how(self) -> dict[str, Any]:
    """What `Animator.animate` and contact sheets both take."""
    names = 'motion', 'start', 'strength', 'smooth', 'paste_back'
    return {name: getattr(self, name) for name in (*names, 'debug_identity')}

  def check(self) -> None:
    """Raises UsageError for what no network can do."""
    check_motion(self.motion, self.strength, self.smooth)
    check_background(self.background)
    check_tracks(self.tracks)


class Watched(NamedTuple):
  """What drives: a motion, and what else its video had."""

  motion: DrivingMotion
  sound: str | None = None  # the video, if it may have some
  broken: DataError | None = None  # why it ends early


def is_motion(driving: str) -> bool:
  """Whether it is keypoints that were saved, not a video."""
  return pathlib.Path(driving).suffix.lower() == SUFFIX


def check_driving(
  driving: str, settings: Settings, sheet: str | None = None
) -> None:
  """Raises UsageError where driving frames are shown, but there is no video."""
  shown = need_video(settings.tracks)
  if is_motion(driving) and (shown or sheet):
    what = f'--grid={",".join(shown)}' if shown else 'a contact sheet'
    raise UsageError(f'{what} shows driving frames: give the video')


def ready(
  animator: Animator, picture: np.ndarray, settings: Settings, source: str
) -> Portrait:
  """The portrait of the file `source`; raises as `Animator.portrait` does."""
  return animator.portrait(
    picture, crop=settings.crop, background=settings.background, name=source
  )


def watch(
  animator: Animator, driving: str | DrivingVideo, settings: Settings
) -> Watched:
  """The motion of a video, or of the file of one that was saved.

  Raises:
    DataError: the video cannot be read, or shows no face.
    UsageError: the motion is another network's, or damaged.
  """
  if isinstance(driving, str):
    if is_motion(driving):
      return Watched(animator.load_motion(driving))
    driving = DrivingVideo(driving)
  with progress.bar(driving.probe.frames, unit='frame watched') as bar:
    motion = animator.watch(
      driving,
      crop=settings.crop_driving,
      name=str(driving.path),
      progress=_moves(bar),
    )
  sound = str(driving.path) if driving.path.is_file() else None
  return Watched(motion, sound, driving.broken)


def perform(
  animator: Animator,
  portrait: Portrait,
  watched: Watched,
  output: str,
  settings: Settings,
  byproducts: Byproducts,
  sheet: str | None = None,
  *,
  keep_part: bool = True,
) -> None:
  """Writes the portrait, moved as the video moves; prints every path written.

  Raises:
    UsageError: the video has no such frame as it shall start from.
    DataError: a place cannot be written.
    KeyboardInterrupt: Ctrl-C; what was made by then is written and kept, if
      `keep_part`.
  """
  count = len(watched.motion.keypoints.value)
  with progress.bar(count, unit='frame') as bar:
    made = animator.animate(
      portrait,
      watched.motion,
      tracks=settings.tracks,
      progress=_moves(bar),
      **settings.how,
    )
    byproducts.write(output, portrait, watched.motion)
    written = _write(
      output, made, watched.motion.rate, watched.sound, keep_part
    )
  print(output)
  if written < count:
    logging.warning('%s ends where it was stopped', output)
    raise KeyboardInterrupt
  if sheet:
    picture = contact_sheet(animator, portrait, watched.motion, **settings.how)
    pictures.write_picture(sheet, picture, comment=provenance())
    print(sheet)


def provenance() -> str:
  """What every picture and video of ours says in its metadata."""
  version = metadata.version('dagan_jax')
  return f'synthetic: made by dagan_jax {version}, no recording of a person'


def _moves(bar: tqdm) -> Progress:
  """What shows progress on a bar."""
  return lambda done, total: bar.update(done - bar.n)


def _write(
  output: str,
  made: Iterator[np.ndarray],
  rate: Fraction,
  sound: str | None,
  keep_part: bool,
) -> int:
  """Writes a video; how many frames, for Ctrl-C may end it early."""
  written = 0
  with video_reader.VideoWriter(
    output, rate, sound=sound, comment=provenance()
  ) as writer:
    try:
      for frame in made:
        writer.write(frame)
        written += 1
    except KeyboardInterrupt:
      if not (written and keep_part):
        raise
  return written
