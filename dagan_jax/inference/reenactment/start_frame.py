"""Which driving frame relative motion starts from."""

from typing import NamedTuple

import jax
import numpy as np
from absl import logging
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.inference.reenactment.programs import Beginning

# From the portrait's pose, see `find_nearest`: of 25 frames of somebody else
# the best was 0.05 to 0.12 away in 30 pairs of rendered people, the worst 0.19.
FAR = 0.2


class StartFrame(NamedTuple):
  """A driving frame to start from."""

  keypoints: Keypoints  # 'k 2' and 'k 2 2'
  number: int | None = None  # of the video, from 0; None: the driver at rest
  distance: float | None = None  # from the portrait's pose, if looked for

  def log(self, count: int) -> None:
    """Says which of `count` frames was found, and warns if it is posed badly.

    Says nothing of a frame that the user named.
    """
    if self.distance is None:
      return
    logging.info(
      'motion starts from frame %d of %d, which is posed most like the'
      ' portrait: %.2f of the size of the face apart',
      self.number,
      count,
      self.distance,
    )
    if self.distance > FAR:
      logging.warning(
        'no frame is posed like the portrait: expect a twisted face; drive'
        ' with a video that begins like it, or try --motion=absolute'
      )


def find_start(
  driving: Keypoints,
  start: str | int,
  portrait: Keypoints,
  poses: np.ndarray | None = None,
) -> StartFrame:
  """The frame to start from.

  Args:
    driving: of n frames, 'n k 2'.
    start: 'best', the frame that is posed most like the portrait; 'first'; or
      a number from 0.
    portrait: 'k 2'.
    poses: of the driving frames, see `find_nearest`.

  Raises:
    UsageError: there is no such frame.
  """
  number, distance, count = start, None, len(driving.value)
  if start == 'best':
    number, distance = find_nearest(portrait, driving, poses)
  elif start == 'first':
    number = 0
  if number >= count:
    raise UsageError(f'start={start}: the video has {count} frames, from 0')
  here = jax.tree.map(lambda x: x[number], driving)
  return StartFrame(here, int(number), distance)


def find_nearest(
  source: Keypoints, driving: Keypoints, poses: np.ndarray | None = None
) -> tuple[int, float]:
  """The driving frame whose face is posed most like the source's.

  Movement is copied relative to a frame where both look alike; from any other,
  the portrait would turn by their difference all the while.

  Args:
    source: of the portrait, 'k 2'.
    driving: of n frames, 'n k 2'.
    poses: what `scale_to_1` gives for their places, where that is known: it
      takes far longer than the comparison.

  Returns:
    Its index, and the distance there: the root mean square of the distances of
    keypoints, both faces laid over each other at size 1.
  """
  if poses is None:
    poses = scale_to_1(driving.value)
  squares = np.sum((poses - scale_to_1(source.value[None])) ** 2, axis=-1)
  distances = np.sqrt(squares.mean(axis=-1))
  best = int(np.argmin(distances))
  return best, float(distances[best])


def begin_from(portrait: Keypoints, start: Keypoints) -> Beginning:
  """What relative motion is measured from: keypoints '1 k 2', and a scale.

  The scale turns the driver's movements into those of a face of the portrait's
  size. Both arguments are of one frame, 'k 2'.
  """
  ours, theirs = (hull_area(face.value) for face in (portrait, start))
  initial = jax.tree.map(lambda x: x[None], start)
  return initial, (ours / theirs) ** 0.5 if ours and theirs else 1.0


def scale_to_1(points: Float[np.ndarray, 'n k 2']) -> np.ndarray:
  """Around their middle, in units of the root of the hull's area."""
  middle = points.mean(axis=1, keepdims=True)
  sizes = np.sqrt([max(hull_area(face), 1e-6) for face in points])
  return (points - middle) / sizes[:, None, None]
