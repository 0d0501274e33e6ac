"""Finds the motion of a video that is there as a whole."""

import functools
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.chunks import fill_chunks, map_beside
from dagan_jax.inference.reenactment.absence import FADE, hold_poses
from dagan_jax.inference.reenactment.crops import (
  Squares,
  count_frames,
  find_video_framing,
)
from dagan_jax.inference.reenactment.driving_motion import DrivingMotion
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.inference.reenactment.settings import Settings

Progress = Callable[[int, int | None], object]  # frames done, of so many
USUAL_RATE = 25  # frames per second of frames that come without one


def watch_video(
  programs: Programs,
  frames: Iterable[np.ndarray],
  settings: Settings,
  *,
  chunk: int,
  rate: Fraction | float | int | None,
  name: str,
  progress: Progress | None,
) -> DrivingMotion:
  """See `Animator.watch`; `chunk` frames go through the network together."""
  rate = read_rate(frames, rate)
  framing = find_video_framing(
    frames, settings.crop_driving, name, settings.person, rate
  )
  squares = Squares(frames, framing, programs.size)
  total, found = count_frames(frames), GrowingKeypoints()
  look = functools.partial(_find_keypoints, programs)
  for keypoints in map_beside(look, fill_chunks(squares, chunk)):
    found.extend(keypoints)
    if progress:
      progress(len(found), total)
  if not found:
    raise UsageError(f'{name}: there is no frame in it')
  poses = found.stack()
  if framing.seen is not None:
    poses = hold_poses(poses, framing.seen, round(FADE * rate))
  return DrivingMotion(
    poses,
    rate,
    programs.network,
    None if isinstance(frames, Iterator) else squares,
  )


def read_rate(
  frames: Iterable[np.ndarray], rate: Fraction | float | int | None
) -> Fraction:
  """Frames per second: as asked for, else as a video says, else 25."""
  rate = Fraction(rate or getattr(frames, 'rate', USUAL_RATE))
  return rate.limit_denominator(1001)  # 29.97 is meant, not its binary fraction


class GrowingKeypoints:
  """Keypoints of frame after frame, in one piece.

  Thousands of small arrays would lie scattered between the buffers of the
  network that finds them, and its memory would grow with the video.
  """

  def __init__(self):
    self._stores = Keypoints(bytearray(), bytearray())
    self._shapes = None
    self._count = 0

  def __len__(self) -> int:
    return self._count

  def extend(self, keypoints: Keypoints) -> None:
    """Adds those of some frames, 'n k 2' and 'n k 2 2'."""
    for store, found in zip(self._stores, keypoints, strict=True):
      store += np.asarray(found, np.float32).tobytes()
    self._shapes = [np.shape(found)[1:] for found in keypoints]
    self._count += len(keypoints.value)

  def stack(self) -> Keypoints:
    """All of them, 'n k 2' and 'n k 2 2'."""
    return Keypoints(
      *(
        np.frombuffer(store, np.float32).reshape(self._count, *shape)
        for store, shape in zip(self._stores, self._shapes, strict=True)
      )
    )


def _find_keypoints(
  programs: Programs, chunk: tuple[list[np.ndarray], int]
) -> Keypoints:
  """Those of a chunk's frames, without those that fill it up."""
  frames, count = chunk
  keypoints = jax.device_get(programs.analyse(np.stack(frames)).keypoints)
  return jax.tree.map(lambda x: x[:count], keypoints)
