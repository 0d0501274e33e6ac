"""Moves a portrait as a film moves.

`python -m dagan_jax.animate --workdir=W --source=portrait.png
--driving=clip.mp4 --output=out.mp4` from the shell; `Animator` from Python:

    animator = Animator.open('runs/dagan')
    for frame in animator.frames(portrait, driving):
      ...
"""

import argparse
import collections
import functools
import sys
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax import checkpoints, drawing, screen
from dagan_jax.errors import UsageError, exit_code
from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.geometry.motion import transfer_motion
from dagan_jax.inside import draw_reenactment
from dagan_jax.models.reenactor import (
  Reenactor,
  Rendering,
  SourceFeatures,
  build_reenactor,
)
from dagan_jax.outputs import check_outputs
from dagan_jax.pixels import bytes_of, unit
from dagan_jax.samples import Samples, chunks
from data_pipelines import pictures, video
from data_pipelines.errors import DataError

MotionKind = Literal['relative', 'absolute']
MOTIONS = typing.get_args(MotionKind)


class Animator:
  """A trained network, ready to animate.

  Attributes:
    size: width and height in pixels of the frames it makes.
  """

  def __init__(
    self, reenactor: Reenactor, variables: dict[str, Any], size: int
  ):
    """From a network, its variables, and the size it was trained at."""
    self.size = size
    self._reenactor = reenactor
    self._variables = jax.device_put(variables)

  @classmethod
  def open(cls, workdir: str) -> 'Animator':
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
    return cls(reenactor, variables, size)

  def frames(
    self,
    portrait: np.ndarray,
    driving: Iterable[np.ndarray],
    *,
    motion: MotionKind = 'relative',
    chunk: int = 4,
  ) -> Iterator[np.ndarray]:
    """The portrait, moved as the driving frames move, one frame for each.

    Reads and gives frames as they come, so that memory does not grow with the
    film. What depends on the portrait alone is computed once.

    Args:
      portrait: uint8 (h, w, 3), of any size; its central square is used.
      driving: frames, uint8 (h, w, 3), likewise.
      motion: 'relative' adds to the portrait's pose what has changed since the
        first driving frame, scaled to the portrait's face; 'absolute' takes the
        driving keypoints as they are, and with them the other face's shape.
      chunk: frames that go through the network together. A short last chunk is
        filled up, so the network is compiled once.

    Yields:
      uint8 (size, size, 3), one for each driving frame.
    """
    if motion not in MOTIONS:
      raise ValueError(f'motion {motion!r} is none of {MOTIONS}')
    source = self._encode(self._variables, self._picture(portrait))
    driving = (pictures.square(frame, self.size) for frame in driving)
    initial = scale = None
    waiting = None
    for frames in chunks(driving, chunk):
      count = len(frames)
      frames = np.stack(frames + [frames[-1]] * (chunk - count))
      if motion == 'relative' and initial is None:
        initial, scale = self._beginning(source, frames[:1])
      made = self._render(self._variables, source, frames, initial, scale)
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
  ) -> dict[str, np.ndarray]:
    """How frames come about: rows of pictures uint8 (n, h, w, 3) by name.

    Args:
      portrait: as for `frames`.
      driving: n frames, of which the first is the one that motion starts from.
      motion: as for `frames`.
    """
    portrait = self._picture(portrait)
    source = self._encode(self._variables, portrait)
    frames = np.stack([pictures.square(frame, self.size) for frame in driving])
    start = None, None
    if motion == 'relative':
      start = self._beginning(source, frames[:1])
    columns = [
      draw_reenactment(
        *jax.device_get(
          self._look(self._variables, source, portrait, frame[None], *start)
        )
      )
      for frame in frames
    ]
    return {
      name: np.concatenate([column[name] for column in columns])
      for name in columns[0]
    }

  def _picture(self, portrait: np.ndarray) -> np.ndarray:
    return pictures.square(portrait, self.size)[None]

  def _beginning(self, source: SourceFeatures, frame: np.ndarray):
    """Keypoints that relative motion starts from, and its scale."""
    initial = self._analyse(self._variables, frame)
    return initial, _relative_size(source.keypoints, initial)

  @functools.partial(jax.jit, static_argnums=0)
  def _analyse(self, variables, pictures) -> Keypoints:
    """Keypoints of uint8 pictures."""
    return self._reenactor.apply(
      variables, unit(pictures), method='analyse'
    ).keypoints

  @functools.partial(jax.jit, static_argnums=0)
  def _encode(self, variables, portrait) -> SourceFeatures:
    """All that depends on the portrait alone."""

    def encode(reenactor):
      return reenactor.encode_source(reenactor.analyse(unit(portrait)))

    return self._reenactor.apply(variables, method=encode)

  @functools.partial(jax.jit, static_argnums=0)
  def _render(self, variables, source, frames, initial, scale):
    """A chunk of uint8 frames; motion is absolute without `initial`."""

    def render(reenactor):
      driving = reenactor.analyse(unit(frames)).keypoints
      return _rendering(reenactor, source, driving, initial, scale).prediction

    prediction = self._reenactor.apply(variables, method=render)
    return bytes_of(prediction)

  @functools.partial(jax.jit, static_argnums=0)
  def _look(self, variables, source, portrait, frames, initial, scale):
    """Both faces and the whole rendering of one frame."""

    def look(reenactor):
      driving = reenactor.analyse(unit(frames))
      rendering = _rendering(
        reenactor, source, driving.keypoints, initial, scale
      )
      return reenactor.analyse(unit(portrait)), driving, rendering

    return self._reenactor.apply(variables, method=look)


def _rendering(
  reenactor: Reenactor,
  source: SourceFeatures,
  driving: Keypoints,
  initial: Keypoints | None,
  scale: jax.Array | None,
) -> Rendering:
  """One source, moved as several frames' keypoints say."""
  count = len(driving.value)
  many = jax.tree.map(
    lambda x: jnp.broadcast_to(x, (count, *x.shape[1:])), source
  )
  if initial is not None:
    driving = transfer_motion(source.keypoints, driving, initial, scale)
  return reenactor.render(many, driving)


def _described(config: ConfigDict, workdir: str) -> tuple[Reenactor, int]:
  """The network of a config, and the size of its pictures."""
  try:
    if config.task != 'reenactment':
      raise UsageError(
        f'{workdir} was trained on {config.task!r}: it cannot animate'
      )
    return build_reenactor(config.model.to_dict()), config.data.image_size
  except (AttributeError, KeyError, TypeError) as error:
    raise UsageError(
      f'{workdir}/config.json describes no network of this version: {error}'
    ) from error


def _relative_size(source: Keypoints, driving: Keypoints) -> float:
  """How much larger the source's face is, as a length; 1 if unknown."""
  ours, theirs = (hull_area(k.value[0]) for k in (source, driving))
  return (ours / theirs) ** 0.5 if ours and theirs else 1.0


def _fetched(made: jax.Array, count: int) -> Iterator[np.ndarray]:
  yield from np.asarray(made)[:count]


def animate(
  workdir: str,
  source: str,
  driving: str,
  output: str,
  motion: MotionKind = 'relative',
  contact_sheet: str | None = None,
) -> None:
  """From files to a file: what the command line does with its flags.

  Prints every path written.

  Raises:
    UsageError: the workdir holds no network that animates.
    DataError: portrait or film cannot be read, or the output not written. Of a
      film that breaks off, what came before the break is written and kept.
  """
  portrait = pictures.read_picture(source)
  film = video.read(driving)
  check_outputs([output], [source, driving], contact_sheet)
  animator = Animator.open(workdir)
  samples = Samples(8)
  passed = collections.deque()
  broken = []

  def driving_frames():
    try:
      for frame in film:
        passed.append(frame)
        yield frame
    except DataError as error:
      broken.append(error)

  with (
    screen.bar(film.probe.frames, unit='frame') as bar,
    video.FilmWriter(output, film.rate) as writer,
  ):
    for result in animator.frames(portrait, driving_frames(), motion=motion):
      writer.write(result)
      samples.add((passed.popleft(), result))
      bar.update()
    if broken and not samples.items:
      raise broken[0]
  print(output)
  if contact_sheet:
    _write_sheet(contact_sheet, animator, portrait, samples.items, motion)
    print(contact_sheet)
  if broken:
    raise DataError(f'{broken[0]}; {output} ends there')


def _write_sheet(path, animator, portrait, samples, motion) -> None:
  """Source, driving, result, and what led to it, one row each."""
  frames, results = zip(*samples, strict=True)
  rows = animator.inside(portrait, frames, motion=motion)
  rows['result'] = np.stack(results)
  del rows['prediction']  # the same, frame by frame
  rows['source'] = rows['source'][:1]
  order = ['source', 'driving', 'result', *rows]
  sheet = {name: rows[name] for name in order}
  pictures.write_picture(path, drawing.contact_sheet(sheet))


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.animate',
    description='Moves a portrait as a film moves.',
  )
  add = parser.add_argument
  add('--workdir', required=True, help='a trained or converted network')
  add('--source', required=True, help='the portrait: a picture of any size')
  add(
    '--driving',
    required=True,
    help='the film to move like: a video, a gif, a folder of frames, a picture',
  )
  add(
    '--output',
    required=True,
    help='.mp4, .gif or .webp; a name without suffix: a folder of PNG frames',
  )
  add(
    '--motion',
    choices=MOTIONS,
    default='relative',
    help='relative: add the change since the first driving frame to the '
    "portrait's pose (default); absolute: take the driving pose as it is",
  )
  add(
    '--contact_sheet',
    help='a PNG of source, driving, result and how it came about, to look at',
  )
  flags = parser.parse_args()
  screen.quiet()
  sys.exit(exit_code(lambda: animate(**vars(flags))))


if __name__ == '__main__':
  main()
