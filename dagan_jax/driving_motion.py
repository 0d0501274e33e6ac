"""How a film moves: the keypoints of its frames, and nothing of its pictures.

They are a hundred numbers a frame, so that a whole film's can be kept, looked
through for the best frame to start from, smoothed and saved.
"""

import contextlib
import os
import pathlib
from fractions import Fraction
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from dagan_jax.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints, hull_area

SUFFIX = '.npz'
_FORMAT = 1

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


def save_motion(path: str | os.PathLike, motion: DrivingMotion) -> None:
  """Writes a motion as a .npz file; the file bears its name once it is whole.

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
      value=motion.keypoints.value,
      jacobian=motion.keypoints.jacobian,
      rate=[motion.rate.numerator, motion.rate.denominator],
      network=motion.network,
    )
    os.replace(partial, path)
  except OSError as error:
    with contextlib.suppress(OSError):
      partial.unlink()
    raise UsageError(f'{path}: cannot be written ({error.strerror})') from None


def load_motion(path: str | os.PathLike, network: str) -> DrivingMotion:
  """Reads what `save_motion` wrote.

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
      f'{path}: no motion that --save_motion wrote, or a damaged one'
    ) from error
  points, turns = (x.shape for x in motion.keypoints)
  if len(points) != 3 or turns != (*points, 2) or not points[0]:
    raise UsageError(f'{path}: no motion, but {points} and {turns} numbers')
  if motion.network != network:
    raise UsageError(
      f'{path}: the keypoints of another network, which mean nothing to this'
      ' one: read the film with this one again'
    )
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


def smoothed(motion: DrivingMotion, cutoff: float) -> DrivingMotion:
  """Without the trembling of single keypoints, but as quick as before.

  The one-euro filter: what hardly moves is held still, what moves fast passes.

  Args:
    motion: as found in a film.
    cutoff: hertz; what trembles faster is damped while the face rests. 1 is
      strong, 3 is gentle.
  """
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
