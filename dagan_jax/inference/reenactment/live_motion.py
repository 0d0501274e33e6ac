"""Motion of frames that are still to come, such as a camera's."""

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import ClassVar

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.crops import (
  Crop,
  Squares,
  find_video_framing,
)
from dagan_jax.inference.reenactment.driving_motion import DrivingChunk
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.inference.reenactment.smoothing import Smoother


class LiveMotion:
  """Gives each frame as soon as it has come, and looks at no later one.

  It can be gone through once. Its first frame is the one that relative motion
  starts from, and the one where the face is looked for. A `Motion`.
  """

  ahead: ClassVar[int] = 0
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
  ):
    """Makes ready; no frame is asked for yet.

    Args:
      programs: of the network.
      frames: uint8 (h, w, 3), of any size.
      rate: frames per second.
      crop: the part that drives, see `crops`.
      name: for messages.
      cutoff: see `Smoother`.
    """
    self.rate, self.network = rate, programs.network
    self._programs, self._frames = programs, frames
    self._crop, self._name, self._cutoff = crop, name, cutoff

  def smooth(self, cutoff: float) -> 'LiveMotion':
    """The motion without trembling, see `Smoother`."""
    return LiveMotion(
      self._programs,
      self._frames,
      self.rate,
      crop=self._crop,
      name=self._name,
      cutoff=cutoff,
    )

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
      DataError: no face is found in the first frame.
    """
    del size, with_frames
    frames = iter(self._frames)
    first = list(itertools.islice(frames, 1))
    if not first:
      return
    framing = find_video_framing(first, self._crop, self._name)
    smoother = Smoother(self.rate, self._cutoff)
    all_frames = itertools.chain(first, frames)
    for square in Squares(all_frames, framing, self._programs.size):
      face = self._programs.analyse(square[None])
      keypoints = smoother.smooth(jax.device_get(face.keypoints))
      yield DrivingChunk(keypoints, 1, square[None], face)
