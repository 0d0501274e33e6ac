"""Moves a portrait as whoever stands in front of a camera moves."""

import dataclasses
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from absl import logging

from dagan_jax.app.files import STREAM
from dagan_jax.app.live_pace import Pace
from dagan_jax.app.network_option import workdir_option
from dagan_jax.app.origins import make_mark
from dagan_jax.app.screens import OUTPUTS, REST, STOP, Screen, open_screen
from dagan_jax.console.errors import UsageError
from dagan_jax.console.options import option
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.live_motion import LiveMotion
from dagan_jax.inference.reenactment.portraits import Portrait
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.media import live_video, pictures, video_reader
from data_pipelines.media.cameras import Camera
from data_pipelines.media.newest_frames import NewestFrames, at_its_rate

# What has another default than in videos that may take their time: a portrait
# of many pixels is late, and who looks at himself sees every trembling.
DEFAULTS = {'size': 256, 'smooth': 3.0}
# Frames that are begun before one is shown, if they are there already: more
# pictures a second, each a little later.
_AHEAD = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class LiveFiles:
  """What drives and where pictures go; flags are made from these fields.

  Raises:
    UsageError: they do not go together.
  """

  workdir: str | None = workdir_option()
  source: str = option(help='the portrait: a picture of any size')
  camera: str | None = option(
    None,
    help='the camera that drives: its number, or what the system calls it'
    ' (default: 0)',
  )
  driving: str | None = option(
    None,
    parse=os.path.expanduser,
    help='instead of a camera, a video, whose frames come at its rate, or -, a'
    ' stream on standard input',
  )
  output: str = option(
    'window',
    choices=OUTPUTS,
    help='where pictures go: a window; a camera that other programs can choose'
    ' (virtual_camera; needs the extra [live]); or raw pictures on standard'
    ' output, YUV4MPEG (pipe)',
  )
  mirror: bool = option(False, help='turn what drives left to right')
  seconds: float = option(
    0.0, parse=float, help='end after so many; 0: when the driver ends'
  )

  def __post_init__(self):
    if self.camera is not None and self.driving is not None:
      raise UsageError('--camera and --driving: give one of them')
    if not 0 <= self.seconds < float('inf'):
      raise UsageError(f'--seconds={self.seconds}: give a number, 0 or more')


class Driver(NamedTuple):
  """What drives."""

  source: Any  # a camera, a stream, a video or a browser, which may be `broken`
  frames: Iterable[np.ndarray]  # as they come
  rate: Fraction  # frames per second, as announced
  name: str  # for messages


def show_live(files: LiveFiles, settings: Settings) -> None:
  """Does all that the command is asked for.

  Raises:
    UsageError: there is no network that animates, or nothing to show with.
    DataError: the portrait cannot be read or shows no face; the camera or the
      video cannot be opened, or has gone.
    KeyboardInterrupt: Ctrl-C.
  """
  animator = Animator.open(files.workdir, precision=settings.precision)
  animator.check_panels(settings.panels)
  portrait = animator.prepare(
    pictures.read_picture(files.source), settings, name=files.source
  )
  compile_live(animator, portrait, settings)
  driver = _open_driver(files)
  with open_screen(files.output, driver.rate) as screen:
    show_driver(animator, portrait, driver, screen, settings, files.seconds)


def show_driver(
  animator: Animator,
  portrait: Portrait,
  driver: Driver,
  screen: Screen,
  settings: Settings,
  seconds: float = 0.0,
) -> None:
  """Shows a portrait as somebody moves it, until he or who watches ends.

  Args:
    animator: the network.
    portrait: that is moved.
    driver: who moves it.
    screen: where it is shown.
    settings: how it is moved.
    seconds: end after so many; 0: never.

  Raises:
    DataError: the driver has gone.
  """
  pace = Pace()
  with (
    ThreadPoolExecutor(1) as looks,
    NewestFrames(
      driver.frames,
      driver.name,
      rate=driver.rate,
      while_waiting=screen.refresh,
    ) as newest,
  ):
    logging.info('%s', screen.keys)
    motion = animator.follow(
      newest,
      settings,
      rate=driver.rate,
      name=driver.name,
      looks=looks,
      ahead=_AHEAD,
    )
    shown = animator.frames(portrait, motion, settings)
    if settings.provenance:
      shown = map(make_mark(), shown)
    try:
      _show(shown, newest, motion, screen, pace, seconds)
    except BrokenPipeError:
      logging.info('who watched has ended')
    finally:
      logging.info('%s', pace.describe_all(newest.dropped))
  if broken := getattr(driver.source, 'broken', None):
    raise broken


def _show(
  shown: Iterator[np.ndarray],
  newest: NewestFrames,
  motion: LiveMotion,
  screen: Screen,
  pace: Pace,
  seconds: float,
) -> None:
  """Shows pictures until the driver or the user ends, or time is over."""
  began = None
  for picture in shown:
    screen.show(picture)
    arrived = newest.arrivals.popleft()
    pace.note(arrived)
    if pace.is_news():
      screen.tell(pace.describe_now(newest.dropped))
    wishes = screen.take_wishes()
    if REST in wishes:
      motion.rest()
    began = began or arrived
    if STOP in wishes or 0 < seconds <= arrived - began:
      return


def compile_live(
  animator: Animator, portrait: Portrait, settings: Settings
) -> None:
  """Makes one picture, so that the first frame of a camera need not wait."""
  still = animator.follow([portrait.square], settings, crop_driving='none')
  for _ in animator.frames(portrait, still, settings):
    pass


def _open_driver(files: LiveFiles) -> Driver:
  """Raises DataError where a camera or a video cannot be opened."""
  if files.driving is None:
    source = frames = Camera(files.camera or '0')
    rate, name = source.rate, source.name
  elif files.driving == STREAM:
    source = frames = live_video.open_standard_input()
    rate, name = source.rate, source.name
  else:
    source = video_reader.SteadyVideo(files.driving)
    rate, name = source.rate, files.driving
    frames = at_its_rate(source, rate)
  if files.mirror:
    frames = (frame[:, ::-1] for frame in frames)
  return Driver(source, frames, rate, name)
