"""How a video moves: the keypoints of its frames, and nothing of its pictures.

They are a hundred numbers a frame, so that a whole video's can be kept, looked
through for the best frame to start from, smoothed and saved.
"""

import dataclasses
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import ClassVar, NamedTuple

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.chunks import fill_chunks
from dagan_jax.inference.reenactment.smoothing import Smoother
from dagan_jax.inference.reenactment.start_frame import StartFrame, find_start
from dagan_jax.models.dagan.reenactor import Face
from data_pipelines.errors.whole_files import write_whole

SUFFIX = '.npz'
_FORMAT = 1


class DrivingChunk(NamedTuple):
  """Some driving frames, filled up to n by copies of the last one."""

  keypoints: Keypoints  # 'n k 2' and 'n k 2 2'
  count: int  # how many are the video's
  squares: np.ndarray | None = None  # what the network sees, uint8 'n s s 3'
  face: Face | None = None  # what it found in them, if it looked just now


@dataclasses.dataclass(frozen=True, eq=False)
class DrivingMotion:
  """What of a whole video moves a portrait; a `Motion`.

  Keypoints mean something only to the network that found them.
  """

  # How many chunks may be in the making while one is shown.
  ahead: ClassVar[int] = 1

  keypoints: Keypoints  # 'n k 2' and 'n k 2 2', float32, on the host
  rate: Fraction  # frames per second
  network: str  # a digest of it, see `Animator.network`
  # What the network saw, n times uint8 (s, s, 3), if that can be had again.
  frames: Iterable[np.ndarray] | None = None

  @property
  def count(self) -> int:
    """How many frames there are."""
    return len(self.keypoints.value)

  @property
  def has_frames(self) -> bool:
    """Whether driving frames can be shown."""
    return self.frames is not None

  def smooth(self, cutoff: float) -> 'DrivingMotion':
    """The motion without trembling, see `Smoother`."""
    keypoints = Smoother(self.rate, cutoff).smooth(self.keypoints)
    return dataclasses.replace(self, keypoints=keypoints)

  def find_start(self, start: str | int, portrait: Keypoints) -> StartFrame:
    """The frame to start from, see `start_frame.find_start`."""
    return find_start(self.keypoints, start, portrait)

  def choose(self, numbers: Sequence[int]) -> 'DrivingMotion':
    """A few frames alone, by their ascending numbers from 0."""
    frames = self.frames
    if frames is not None:
      frames = [x for number, x in enumerate(frames) if number in set(numbers)]
    keypoints = jax.tree.map(lambda x: x[np.array(numbers)], self.keypoints)
    return dataclasses.replace(self, keypoints=keypoints, frames=frames)

  def chunks(self, size: int, with_frames: bool) -> Iterator[DrivingChunk]:
    """All frames, `size` at a time.

    Args:
      size: of the chunks.
      with_frames: whether pictures are wanted, which reads the video again.

    Raises:
      UsageError: the video has become shorter.
    """
    frames = iter(self.frames) if with_frames else None
    for numbers, count in fill_chunks(range(self.count), size):
      squares = None
      if frames is not None:
        found = next(fill_chunks(itertools.islice(frames, count), size), None)
        if found is None or found[1] < count:
          raise UsageError('the video has become shorter since it was watched')
        squares = np.stack(found[0])
      chosen = np.array(numbers)
      keypoints = jax.tree.map(lambda x, i=chosen: x[i], self.keypoints)
      yield DrivingChunk(keypoints, count, squares)

  def save(self, path: str | os.PathLike) -> None:
    """Writes a .npz file, without frames.

    Raises:
      UsageError: the place cannot be written.
    """
    with write_whole(path, UsageError) as partial, open(partial, 'wb') as file:
      np.savez(
        file,
        format=_FORMAT,
        value=self.keypoints.value,
        jacobian=self.keypoints.jacobian,
        rate=[self.rate.numerator, self.rate.denominator],
        network=self.network,
      )


def load_motion(path: str | os.PathLike, network: str) -> DrivingMotion:
  """Reads what `DrivingMotion.save` wrote.

  Raises:
    UsageError: it is no such file, or another network's keypoints.
  """
  try:
    with np.load(path, allow_pickle=False) as file:
      if int(file['format']) != _FORMAT:
        raise UsageError(
          f'{path}: a motion of a newer version; update dagan_jax'
        )
      motion = DrivingMotion(
        Keypoints(file['value'], file['jacobian']),
        Fraction(*file['rate'].tolist()),
        str(file['network']),
      )
  except UsageError:
    raise
  except FileNotFoundError:
    raise UsageError(f'{path}: there is no such motion') from None
  except (
    Exception
  ) as error:  # NumPy says in many ways that a file is no archive
    raise UsageError(
      f'{path}: no motion that was saved, or a damaged one'
    ) from error
  points, turns = (x.shape for x in motion.keypoints)
  if len(points) != 3 or turns != (*points, 2) or not points[0]:
    raise UsageError(f'{path}: no motion, but {points} and {turns} numbers')
  check_network(motion.network, network, str(path))
  return motion


def check_network(theirs: str, ours: str, name: str) -> None:
  """Raises UsageError where a motion's network is another; `name`: whose."""
  if theirs != ours:
    raise UsageError(
      f'{name}: the keypoints of another network, which mean nothing to this'
      ' one: let this one watch the video'
    )
