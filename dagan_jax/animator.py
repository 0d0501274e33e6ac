"""A trained network that moves portraits: arrays in, arrays out."""

import functools
import hashlib
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax import checkpoints
from dagan_jax.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.geometry.motion import towards, transfer_motion
from dagan_jax.inside import draw_reenactment
from dagan_jax.models.reenactor import (
  Face,
  Reenactor,
  Rendering,
  SourceFeatures,
  build_reenactor,
)
from dagan_jax.pixels import bytes_of, unit
from dagan_jax.samples import chunks
from dagan_jax.workdirs import of_this_version
from data_pipelines import pictures

MotionKind = Literal['relative', 'absolute']
MOTIONS = typing.get_args(MotionKind)


class Animator:
  """A trained network, ready to animate.

  Attributes:
    size: width and height in pixels of the frames it makes.
  """

  def __init__(
    self,
    reenactor: Reenactor,
    variables: dict[str, Any],
    size: int,
    chunk: int = 4,
  ):
    """From a network, its variables, and the size it was trained at.

    `chunk` frames go through the network together. A short last chunk is filled
    up, so that the network is compiled once.
    """
    self.size = size
    self._reenactor = reenactor
    self._variables = jax.device_put(variables)
    self._chunk = chunk

  @classmethod
  def open(cls, workdir: str, chunk: int = 4) -> 'Animator':
    """The network of the latest checkpoint in a workdir.

    Raises:
      UsageError: no such workdir, no checkpoint in it, or none that animates.
    """
    config = checkpoints.read_config(workdir)
    reenactor, size = _described(config, workdir)
    variables = checkpoints.read_network(workdir, 'reenactor')
    image = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
    expected = jax.eval_shape(reenactor.init, jax.random.key(0), image, image)
    checkpoints.check_equal_shapes(variables, expected, workdir)
    return cls(reenactor, variables, size, chunk)

  @functools.cached_property
  def network(self) -> str:
    """A digest of what finds keypoints: equal where these mean the same."""
    digest = hashlib.sha256()
    for collection in self._variables.values():
      for name in ('detector', 'depth'):
        for leaf in jax.tree.leaves(collection.get(name)):
          digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()[:16]

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
    source = self._encode(self._variables, self._picture(portrait))
    if isinstance(driving, Keypoints):
      found = self._given(driving)
    else:
      found = self._found(driving)
    beginning = None
    waiting = None
    for keypoints, count in found:
      if motion == 'relative' and beginning is None:
        beginning = _beginning(source, keypoints, start)
      made = self._render(
        self._variables, source, keypoints, beginning, strength
      )
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
    source = self._encode(self._variables, self._picture(portrait))
    faces = [
      self._face(self._variables, self._picture(picture))
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
            self._look(
              self._variables, source, face.keypoints, beginning, strength
            ),
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
      face = self._face(self._variables, np.stack(filled))
      yield face.keypoints, len(some)

  def _given(self, keypoints: Keypoints) -> Iterator[tuple[Keypoints, int]]:
    """The same of keypoints that are known."""
    numbers = range(len(keypoints.value))
    for some in chunks(numbers, self._chunk):
      filled = np.array(some + [some[-1]] * (self._chunk - len(some)))
      yield jax.tree.map(lambda x, i=filled: x[i], keypoints), len(some)

  @functools.partial(jax.jit, static_argnums=0)
  def _face(self, variables, pictures) -> Face:
    """What is found in uint8 pictures."""
    return self._reenactor.apply(variables, unit(pictures), method='analyse')

  @functools.partial(jax.jit, static_argnums=0)
  def _encode(self, variables, portrait) -> SourceFeatures:
    """All that depends on the portrait alone."""

    def encode(reenactor):
      return reenactor.encode_source(reenactor.analyse(unit(portrait)))

    return self._reenactor.apply(variables, method=encode)

  @functools.partial(jax.jit, static_argnums=0)
  def _render(self, variables, source, driving, beginning, strength):
    """A chunk of uint8 frames; motion is absolute without a beginning."""
    return bytes_of(
      self._rendering(
        variables, source, driving, beginning, strength
      ).prediction
    )

  @functools.partial(jax.jit, static_argnums=0)
  def _look(self, variables, source, driving, beginning, strength):
    """The whole rendering of one frame."""
    return self._rendering(variables, source, driving, beginning, strength)

  def _rendering(
    self, variables, source, driving, beginning, strength
  ) -> Rendering:
    """One source, moved as several frames' keypoints say."""
    count = len(driving.value)
    many = jax.tree.map(
      lambda x: jnp.broadcast_to(x, (count, *x.shape[1:])), source
    )
    if beginning is None:
      moved = towards(many.keypoints, driving, strength)
    else:
      moved = transfer_motion(source.keypoints, driving, *beginning, strength)
    return self._reenactor.apply(variables, many, moved, method='render')


def _beginning(
  source: SourceFeatures, first: Keypoints, start: Keypoints | None
) -> tuple[Keypoints, float]:
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


def _described(config: ConfigDict, workdir: str) -> tuple[Reenactor, int]:
  """The network of a config, and the size of its pictures."""
  with of_this_version(workdir):
    if config.task != 'reenactment':
      raise UsageError(
        f'{workdir} was trained on {config.task!r}: it cannot animate'
      )
    return build_reenactor(config.model.to_dict()), config.data.image_size


def _fetched(made: jax.Array, count: int) -> Iterator[np.ndarray]:
  yield from np.asarray(made)[:count]
