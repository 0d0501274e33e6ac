"""Motion of frames that are still to come, such as a camera's."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from fractions import Fraction
from typing import ClassVar

import jax
import numpy as np
from absl import logging

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.absence import FADE, HeldPose
from dagan_jax.inference.reenactment.crops import (
  Crop,
  cut_square,
  open_finder,
  read_crop,
)
from dagan_jax.inference.reenactment.driving_motion import DrivingChunk
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.inference.reenactment.smoothing import Smoother
from data_pipelines.faces.framing import Framing
from data_pipelines.faces.live_face import LiveFace

_LOOKS = 4  # a second, at where the face is


class LiveMotion:
  """Gives each frame as soon as it has come, and looks at no later one.

  It can be gone through once. Relative motion starts from its first frame that
  shows a face, from the first after the face has come back at another place,
  and whenever `rest` is called. While no face is seen, the pose is held. A
  `Motion`.
  """

  has_frames: ClassVar[bool] = True
  count: ClassVar[int | None] = None

  def __init__(
    self,
    programs: Programs,
    frames: Iterable[np.ndarray],
    rate: Fraction,
    *,
    crop: Crop,
    name: str,
    cutoff: float = 0.0,
    looks: Executor | None = None,
    ahead: int = 0,
  ):
    """Makes ready; no frame is asked for yet.

    Args:
      programs: of the network.
      frames: uint8 (h, w, 3), of any size. Where they have a `rate`, such as
        `NewestFrames`, that is believed from frame to frame.
      rate: frames per second.
      crop: the part that drives, see `crops`.
      name: for messages.
      cutoff: see `Smoother`.
      looks: see `LiveFace`.
      ahead: how many later frames may be in the making while one is. Where the
        frames say whether the next `is_ready`, such as `NewestFrames`, it is
        not waited for.
    """
    self.rate, self.network = rate, programs.network
    self.ahead = ahead
    self._programs, self._frames = programs, frames
    self._crop, self._name, self._cutoff = crop, name, cutoff
    self._looks = looks
    self._rests = False

  def smooth(self, cutoff: float) -> 'LiveMotion':
    """The same motion without trembling, see `Smoother`."""
    self._cutoff = cutoff
    return self

  def is_ready(self) -> bool:
    """Whether the next frame is there."""
    look = getattr(self._frames, 'is_ready', None)
    return look is None or look()

  def rest(self) -> None:
    """Takes the pose of the next frame for the driver's at rest."""
    self._rests = True

  def find_start(self, start: str | int, portrait: Keypoints) -> None:
    """None, for the first frame is still to come.

    Raises:
      UsageError: a later frame is asked for.
    """
    if start not in ('best', 'first', 0):
      raise UsageError(
        f'start={start}: of frames that are still to come, motion starts from'
        ' the first'
      )

  def chunks(self, size: int, with_frames: bool) -> Iterator[DrivingChunk]:
    """Each frame alone, whatever the size.

    Raises:
      DataError: the crop is no crop, or lies beside the frame.
    """
    del size, with_frames
    smoother = Smoother(self.rate, self._cutoff)
    pose = HeldPose()
    for square, is_seen, is_elsewhere in self._squares():
      if is_elsewhere:
        smoother, pose = Smoother(self.rate, self._cutoff), HeldPose()
      face = self._programs.analyse(square[None])
      rate = smoother.rate = float(getattr(self._frames, 'rate', self.rate))
      found = smoother.smooth(jax.device_get(face.keypoints))
      begins = self._rests or is_elsewhere
      self._rests = False
      keypoints = pose.follow(found, is_seen, 1 / (FADE * rate))
      yield DrivingChunk(keypoints, 1, square[None], face, begins)

  def _squares(self) -> Iterator[tuple[np.ndarray, bool, bool]]:
    """What the network sees of each frame; whether a face is seen there.

    The last says that the square is at another place than before, or that
    nobody was seen yet.
    """
    finder = open_finder(self._crop)
    size = self._programs.size
    if finder is None:
      framing = read_crop(self._crop)
      for frame in self._frames:
        yield cut_square(frame, framing, size), True, False
      return
    face = LiveFace(finder, max(1, round(self.rate / _LOOKS)), self._looks)
    here, was_seen = None, True
    for frame in self._frames:
      face.see(frame)
      if face.is_seen != was_seen:
        self._tell(face.is_seen)
        was_seen = face.is_seen
      is_elsewhere = face.square is None or face.square != here
      here = face.square
      framing = None if here is None else Framing(here)
      yield cut_square(frame, framing, size), face.is_seen, is_elsewhere

  def _tell(self, is_seen: bool) -> None:
    if is_seen:
      logging.info('%s: a face is seen, and drives', self._name)
    else:
      logging.info('%s: no face is seen: the portrait holds still', self._name)
