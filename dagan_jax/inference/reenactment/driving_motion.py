"""How a video moves: the keypoints of its frames, and nothing of its pictures.

They are a hundred numbers a frame, so that a whole video's can be kept, looked
through for the best frame to start from, smoothed and saved.
"""

import contextlib
import numbers
import os
import pathlib
import typing
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, NamedTuple

import jax
import numpy as np
from absl import logging
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints, hull_area

MotionKind = Literal['relative', 'absolute']
MOTIONS = typing.get_args(MotionKind)
StartFrom = str | numbers.Integral | Keypoints

SUFFIX = '.npz'
_FORMAT = 1
# From the portrait's pose, see `nearest_frame`: of 25 frames of somebody else
# the best was 0.05 to 0.12 away in 30 pairs of rendered people, the worst 0.19.
FAR = 0.2

# Casiez et al. 2012, "1 Euro filter". Speeds are in half pictures a second: a
# head that turns quickly makes about 1, which should pass all but unfiltered.
_SPEED_CUTOFF = 1.0  # hertz
_OPENING = 10.0  # hertz of cutoff for each unit of speed


class DrivingMotion(NamedTuple):
  """What of n driving frames moves a portrait.

  Keypoints mean something only to the network that found them.
  """

  keypoints: Keypoints  # 'n k 2' and 'n k 2 2', float32, on the host
  rate: Fraction  # frames per second
  network: str  # a digest of it: see `Animator.network`
  # What the network saw, n times uint8 (s, s, 3), if that can be had again.
  frames: Iterable[np.ndarray] | None = None

  def save(self, path: str | os.PathLike) -> None:
    """Writes a .npz file, without frames; it bears its name once it is whole.

    Raises:
      UsageError: the place cannot be written.
    """
    path = pathlib.Path(path)
    partial = path.with_name(f'.{path.stem}.{os.getpid()}.part{SUFFIX}')
    try:
      path.parent.mkdir(parents=True, exist_ok=True)
      np.savez(
        partial,
        format=_FORMAT,
        value=self.keypoints.value,
        jacobian=self.keypoints.jacobian,
        rate=[self.rate.numerator, self.rate.denominator],
        network=self.network,
      )
      os.replace(partial, path)
    except OSError as error:
      with contextlib.suppress(OSError):
        partial.unlink()
      raise UsageError(
        f'{path}: cannot be written ({error.strerror})'
      ) from None


class Start(NamedTuple):
  """The driving frame that relative motion starts from."""

  keypoints: Keypoints  # 'k 2' and 'k 2 2'
  number: int | None = None  # of the video, from 0
  distance: float | None = None  # from the portrait's pose: `nearest_frame`


def check_motion(motion: str, strength: float, smooth: float) -> None:
  """Raises UsageError for what no portrait can do."""
  if motion not in MOTIONS:
    raise UsageError(f'motion={motion}: choose from {", ".join(MOTIONS)}')
  for name, value in {'strength': strength, 'smooth': smooth}.items():
    if not 0 <= value < float('inf'):
      raise UsageError(f'{name}={value}: give a number, 0 or more')


def check_network(motion: DrivingMotion, network: str, name: str) -> None:
  """Raises UsageError for a motion of another network; `name` is its name."""
  if motion.network != network:
    raise UsageError(
      f'{name}: the keypoints of another network, which mean nothing to this'
      ' one: let this one watch the video'
    )


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

  def append(self, keypoints: Keypoints) -> None:
    """Adds those of a frame, 'k 2' and 'k 2 2'."""
    for store, found in zip(self._stores, keypoints, strict=True):
      store += np.asarray(found, np.float32).tobytes()
    self._shapes = [np.shape(found) for found in keypoints]
    self._count += 1

  def stacked(self) -> Keypoints:
    """All of them, 'n k 2' and 'n k 2 2'."""
    return Keypoints(
      *(
        np.frombuffer(store, np.float32).reshape(self._count, *shape)
        for store, shape in zip(self._stores, self._shapes, strict=True)
      )
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
  except Exception as error:  # whatever breaks it
    raise UsageError(
      f'{path}: no motion that was saved, or a damaged one'
    ) from error
  points, turns = (x.shape for x in motion.keypoints)
  if len(points) != 3 or turns != (*points, 2) or not points[0]:
    raise UsageError(f'{path}: no motion, but {points} and {turns} numbers')
  check_network(motion, network, str(path))
  return motion


def nearest_frame(source: Keypoints, driving: Keypoints) -> tuple[int, float]:
  """The driving frame whose face is posed most like the source's.

  Movement is copied relative to a frame where both look alike; from any other,
  the portrait would turn by their difference all the while.

  Args:
    source: of the portrait, 'k 2'.
    driving: of n frames, 'n k 2'.

  Returns:
    Its index, and the distance there: the root mean square of the distances of
    keypoints, both faces laid over each other at size 1.
  """
  places = _at_size_1(driving.value)
  squares = np.sum((places - _at_size_1(source.value[None])) ** 2, axis=-1)
  distances = np.sqrt(squares.mean(axis=-1))
  best = int(np.argmin(distances))
  return best, float(distances[best])


def start_frame(
  motion: DrivingMotion, start: StartFrom, portrait: Keypoints
) -> Start:
  """The frame to start from: 'best', 'first', a number from 0, or keypoints.

  'best' is `nearest_frame`'s, the one that is posed most like the portrait.

  Raises:
    UsageError: it is none of these, or the motion has no such frame.
  """
  if isinstance(start, Keypoints):
    return Start(start)
  count, distance = len(motion.keypoints.value), None
  if start == 'best':
    start, distance = nearest_frame(portrait, motion.keypoints)
  elif start == 'first':
    start = 0
  if not isinstance(start, numbers.Integral):
    raise UsageError(f'start={start}: give best, first or a number from 0')
  if not 0 <= start < count:
    raise UsageError(f'start={start}: the video has {count} frames, from 0')
  here = jax.tree.map(lambda x: x[start], motion.keypoints)
  return Start(here, int(start), distance)


def log_start(start: Start, count: int) -> None:
  """Tells of a frame that was looked for in `count`, and warns of a far one."""
  if start.distance is None:
    return
  logging.info(
    'motion starts from frame %d of %d, which is posed most like the portrait:'
    ' %.2f of the size of the face apart',
    start.number,
    count,
    start.distance,
  )
  if start.distance > FAR:
    logging.warning(
      'no frame is posed like the portrait: expect a twisted face; drive with a'
      ' video that begins like it, or try --motion=absolute'
    )


def smoothed(motion: DrivingMotion, cutoff: float) -> DrivingMotion:
  """Without the trembling of single keypoints, but as quick as before.

  The one-euro filter: what hardly moves is held still, what moves fast passes.

  Args:
    motion: as found in a video.
    cutoff: hertz; what trembles faster is damped while the face rests. 1 is
      strong, 3 is gentle, 0 leaves all as it is.
  """
  if not cutoff:
    return motion
  keypoints = jax.tree.map(
    lambda x: _one_euro(np.asarray(x), float(motion.rate), cutoff),
    motion.keypoints,
  )
  return motion._replace(keypoints=keypoints)


def _one_euro(values: np.ndarray, rate: float, cutoff: float) -> np.ndarray:
  steady = values[0].astype(np.float64)
  speed = np.zeros_like(steady)
  filtered = np.empty_like(values)
  for place, value in zip(filtered, values, strict=True):
    speed += _share(_SPEED_CUTOFF, rate) * ((value - steady) * rate - speed)
    share = _share(cutoff + _OPENING * np.abs(speed), rate)
    steady += share * (value - steady)
    place[:] = steady
  return filtered


def _share(cutoff, rate: float):
  """How much of a new value a low pass of first order takes on at once."""
  return 1 / (1 + rate / (2 * np.pi * cutoff))


def _at_size_1(points: Float[np.ndarray, 'n k 2']) -> np.ndarray:
  """Around their middle, in units of the root of the hull's area."""
  middle = points.mean(axis=1, keepdims=True)
  sizes = np.sqrt([max(hull_area(face), 1e-6) for face in points])
  return (points - middle) / sizes[:, None, None]
