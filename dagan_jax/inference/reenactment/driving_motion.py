"""How a video moves: the keypoints of its frames, and nothing of its pictures.

They are a hundred numbers a frame, so that a whole video's can be kept, looked
through for the best frame to start from, smoothed and saved.
"""

import contextlib
import dataclasses
import functools
import itertools
import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import ClassVar, NamedTuple

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.chunks import fill_chunks
from dagan_jax.inference.reenactment.smoothing import Smoother
from dagan_jax.inference.reenactment.start_frame import (
  StartFrame,
  find_start,
  scale_to_1,
)
from dagan_jax.models.dagan.reenactor import Face
from dagan_jax.weights.files.archives import read_npz
from data_pipelines.errors.trouble import passing_reason
from data_pipelines.errors.whole_files import write_whole

SUFFIX = '.npz'
MOST_RATE = 1000  # frames per second; as few frames per thousand seconds
_FORMAT = 1
_REST = 'rest_value', 'rest_jacobian'


class DrivingChunk(NamedTuple):
  """Some driving frames, filled up to n by copies of the last one."""

  keypoints: Keypoints  # 'n k 2' and 'n k 2 2'
  count: int  # how many are the video's
  squares: np.ndarray | None = None  # what the network sees, uint8 'n s s 3'
  face: Face | None = None  # what it found in them, if it looked just now
  begins: bool = False  # relative motion starts anew, from the first of them


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
  # Those of the driver at rest, 'k 2', where that is known of a driver who may
  # rest in no frame.
  rest: Keypoints | None = None

  @property
  def count(self) -> int:
    """How many frames there are."""
    return len(self.keypoints.value)

  def is_ready(self) -> bool:
    """Whether the next frame is there."""
    return True

  @property
  def has_frames(self) -> bool:
    """Whether driving frames can be shown."""
    return self.frames is not None

  def smooth(self, cutoff: float) -> 'DrivingMotion':
    """The motion without trembling, see `Smoother`; looked for only once."""
    if not cutoff:
      return self
    if cutoff not in self._smooth:
      keypoints = Smoother(self.rate, cutoff).smooth(self.keypoints)
      self._smooth[cutoff] = dataclasses.replace(self, keypoints=keypoints)
    return self._smooth[cutoff]

  @functools.cached_property
  def _smooth(self) -> dict[float, 'DrivingMotion']:
    return {}

  def find_start(self, start: str | int, portrait: Keypoints) -> StartFrame:
    """The frame to start from, see `start_frame.find_start`.

    The best is the driver at rest, where that is known.
    """
    if start == 'best' and self.rest is not None:
      return StartFrame(self.rest)
    poses = self._poses if start == 'best' else None
    return find_start(self.keypoints, start, portrait, poses)

  @functools.cached_property
  def _poses(self) -> np.ndarray:
    """Of all frames; a portrait is compared with them at once."""
    return scale_to_1(self.keypoints.value)

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
        **self._saved_rest(),
      )

  def _saved_rest(self) -> dict[str, np.ndarray]:
    if self.rest is None:
      return {}
    return dict(zip(_REST, self.rest, strict=True))


def is_motion(driving: str) -> bool:
  """Whether a path means a motion that was saved, and not a video."""
  return pathlib.Path(driving).suffix.lower() == SUFFIX


def load_motion(path: str | os.PathLike, network: str) -> DrivingMotion:
  """Reads what `DrivingMotion.save` wrote, and nothing else.

  Raises:
    UsageError: it is no such file, damaged, claims more than it holds, or is of
      another network's keypoints.
  """
  with explain_damage(path):
    fields = read_npz(os.fspath(path), texts=True)
    if int(fields['format']) != _FORMAT:
      raise UsageError(f'{path}: a motion of a newer version; update dagan_jax')
    motion = DrivingMotion(
      Keypoints(read_floats(fields['value']), read_floats(fields['jacobian'])),
      read_saved_rate(fields['rate']),
      str(fields['network']),
      rest=_read_rest(fields),
    )
  points, turns = (x.shape for x in motion.keypoints)
  if len(points) != 3 or turns != (*points, 2) or not all(points):
    raise UsageError(f'{path}: no motion, but {points} and {turns} numbers')
  check_network(motion.network, network, str(path))
  return motion


@contextlib.contextmanager
def explain_damage(path: str | os.PathLike) -> Iterator[None]:
  """Tells in one line why a saved motion cannot be read.

  Raises:
    UsageError: it cannot.
  """
  try:
    yield
  except UsageError:
    raise
  except FileNotFoundError:
    raise UsageError(f'{path}: there is no such motion') from None
  except Exception as error:  # foreign bytes break readers in any way
    if reason := passing_reason(error):
      raise UsageError(f'{path}: cannot be read now ({reason})') from error
    raise UsageError(
      f'{path}: no motion that was saved, or a damaged one: give the {SUFFIX}'
      ' that --save=motion wrote, or the video'
    ) from error


def _read_rest(fields: dict[str, np.ndarray]) -> Keypoints | None:
  """Raises ValueError where it does not fit the frames' keypoints."""
  if _REST[0] not in fields:
    return None
  rest = Keypoints(*(read_floats(fields[name]) for name in _REST))
  shapes = [fields[name].shape[1:] for name in ('value', 'jacobian')]
  if [x.shape for x in rest] != shapes:
    raise ValueError('a rest of other keypoints')
  return rest


def read_floats(array: np.ndarray) -> np.ndarray:
  """float32; raises ValueError unless all are numbers, and finite ones."""
  if array.dtype.kind != 'f':
    raise ValueError(f'{array.dtype} instead of numbers')
  with np.errstate(over='ignore'):
    floats = array.astype(np.float32)
  if not np.isfinite(floats).all():
    raise ValueError('numbers that are not finite')
  return floats


def read_saved_rate(array: np.ndarray) -> Fraction:
  """Frames per second; raises ValueError where no video has such a rate."""
  if array.dtype.kind not in 'iu' or array.shape != (2,) or array.min() < 1:
    raise ValueError('no rate')
  rate = Fraction(*array.tolist())
  if not 1 / MOST_RATE <= rate <= MOST_RATE:
    raise ValueError(f'{rate} frames a second')
  return rate


def check_network(theirs: str, ours: str, name: str) -> None:
  """Raises UsageError where a motion's network is another; `name`: whose."""
  if theirs != ours:
    raise UsageError(
      f'{name}: the keypoints of another network, which mean nothing to this'
      ' one: let this one watch the video'
    )
