"""A trained network that moves portraits: arrays in, arrays out."""

import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import jax
import numpy as np

from dagan_jax.engine import Beginning, Engine
from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.inside import draw_reenactment
from dagan_jax.models.reenactor import SourceFeatures
from dagan_jax.samples import chunks
from data_pipelines import pictures

MotionKind = Literal['relative', 'absolute']
MOTIONS = typing.get_args(MotionKind)


class Animator:
  """A trained network, ready to animate.

  Attributes:
    size: width and height in pixels of the frames it makes.
  """

  def __init__(self, engine: Engine, chunk: int = 4):
    """On an engine; `chunk` frames go through the network together.

    A short last chunk is filled up, so that the network is compiled once.
    """
    self.size = engine.size
    self._engine = engine
    self._chunk = chunk

  @classmethod
  def open(cls, workdir: str, chunk: int = 4) -> 'Animator':
    """The network of the latest checkpoint in a workdir.

    Raises:
      UsageError: no such workdir, no checkpoint in it, or none that animates.
    """
    return cls(Engine.open(workdir), chunk)

  @property
  def network(self) -> str:
    """A digest of what finds keypoints: equal where these mean the same."""
    return self._engine.network

  def keypoints(self, frames: Iterable[np.ndarray]) -> Iterator[Keypoints]:
    """Finds the keypoints of frames as they come, 'k 2' and 'k 2 2' each.

    Args:
      frames: uint8 (h, w, 3), of any size; the central square is used.
    """
    for found, count in self._found(frames):
      found = jax.device_get(found)
      for index in range(count):
        yield jax.tree.map(lambda x, index=index: x[index], found)

  def frames(
    self,
    portrait: np.ndarray,
    driving: Iterable[np.ndarray] | Keypoints,
    *,
    motion: MotionKind = 'relative',
    start: Keypoints | None = None,
    strength: float = 1.0,
  ) -> Iterator[np.ndarray]:
    """The portrait, moved as the driving frames move, one frame for each.

    Reads and gives frames as they come, so that memory does not grow with the
    film. What depends on the portrait alone is computed once.

    Args:
      portrait: uint8 (h, w, 3), of any size; its central square is used.
      driving: frames, likewise, or the keypoints of n frames, 'n k 2', as
        `keypoints` found them.
      motion: 'relative' adds to the portrait's pose what has changed since
        `start`, scaled to the portrait's face; 'absolute' takes the driving
        keypoints as they are, and with them the other face's shape.
      start: keypoints 'k 2' of the frame that relative motion starts from, one
        that is posed like the portrait (see `driving_motion.nearest_frame`);
        those of the first driving frame if not given.
      strength: how much of the motion is taken: 0 nothing, 1 all.

    Yields:
      uint8 (size, size, 3), one for each driving frame.
    """
    if motion not in MOTIONS:
      raise ValueError(f'motion {motion!r} is none of {MOTIONS}')
    source = self._engine.encode(self._picture(portrait))
    if isinstance(driving, Keypoints):
      found = self._given(driving)
    else:
      found = self._found(driving)
    beginning = None
    waiting = None
    for keypoints, count in found:
      if motion == 'relative' and beginning is None:
        beginning = _beginning(source, keypoints, start)
      made, _ = self._engine.render(source, keypoints, beginning, strength)
      # While the device makes this chunk, the caller gets the one before.
      if waiting is not None:
        yield from _fetched(*waiting)
      waiting = made, count
    if waiting is not None:
      yield from _fetched(*waiting)

  def inside(
    self,
    portrait: np.ndarray,
    driving: Sequence[np.ndarray],
    *,
    motion: MotionKind = 'relative',
    start: Keypoints | None = None,
    strength: float = 1.0,
  ) -> dict[str, np.ndarray]:
    """How frames come about: rows of pictures uint8 (n, h, w, 3) by name.

    Args:
      portrait: as for `frames`.
      driving: n frames.
      motion: as for `frames`.
      start: as for `frames`.
      strength: as for `frames`.
    """
    source = self._engine.encode(self._picture(portrait))
    faces = [
      self._engine.analyse(self._picture(picture))
      for picture in (portrait, *driving)
    ]
    beginning = None
    if motion == 'relative':
      beginning = _beginning(source, faces[1].keypoints, start)
    columns = [
      draw_reenactment(
        *jax.device_get(
          (
            faces[0],
            face,
            self._engine.look(source, face.keypoints, beginning, strength),
          )
        )
      )
      for face in faces[1:]
    ]
    return {
      name: np.concatenate([column[name] for column in columns])
      for name in columns[0]
    }

  def _picture(self, picture: np.ndarray) -> np.ndarray:
    return pictures.square(picture, self.size)[None]

  def _found(
    self, frames: Iterable[np.ndarray]
  ) -> Iterator[tuple[Keypoints, int]]:
    """Keypoints of chunks, still being computed, and how many are frames'."""
    squares = (pictures.square(frame, self.size) for frame in frames)
    for some in chunks(squares, self._chunk):
      filled = some + [some[-1]] * (self._chunk - len(some))
      face = self._engine.analyse(np.stack(filled))
      yield face.keypoints, len(some)

  def _given(self, keypoints: Keypoints) -> Iterator[tuple[Keypoints, int]]:
    """The same of keypoints that are known."""
    numbers = range(len(keypoints.value))
    for some in chunks(numbers, self._chunk):
      filled = np.array(some + [some[-1]] * (self._chunk - len(some)))
      yield jax.tree.map(lambda x, i=filled: x[i], keypoints), len(some)


def _beginning(
  source: SourceFeatures, first: Keypoints, start: Keypoints | None
) -> Beginning:
  """Keypoints that relative motion starts from, and its scale.

  Args:
    source: the portrait.
    first: of a chunk, whose first frame counts if there is no `start`.
    start: of the frame to start from.
  """
  if start is None:
    initial = jax.tree.map(lambda x: x[:1], first)
  else:
    initial = jax.tree.map(lambda x: x[None], start)
  ours, theirs = (hull_area(k.value[0]) for k in (source.keypoints, initial))
  return initial, (ours / theirs) ** 0.5 if ours and theirs else 1.0


def _fetched(made: jax.Array, count: int) -> Iterator[np.ndarray]:
  yield from np.asarray(made)[:count]
