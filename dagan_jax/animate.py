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
import itertools
import os
import pathlib
import sys
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict

from dagan_jax import checkpoints, drawing, screen
from dagan_jax.errors import UsageError, exit_code
from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.geometry.motion import transfer_motion
from dagan_jax.models.reenactor import (
  Reenactor,
  SourceFeatures,
  build_reenactor,
)
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
    picture = pictures.square(portrait, self.size)[None]
    source = self._encode(self._variables, picture)
    driving = (pictures.square(frame, self.size) for frame in driving)
    initial = scale = None
    waiting = None
    for frames in _chunks(driving, chunk):
      count = len(frames)
      frames = np.stack(frames + [frames[-1]] * (chunk - count))
      if motion == 'relative' and initial is None:
        initial = self._analyse(self._variables, frames[:1])
        scale = _relative_size(source.keypoints, initial)
      made = self._render(self._variables, source, frames, initial, scale)
      # While the device makes this chunk, the caller gets the one before.
      if waiting is not None:
        yield from _fetched(*waiting)
      waiting = made, count
    if waiting is not None:
      yield from _fetched(*waiting)

  @functools.partial(jax.jit, static_argnums=0)
  def _analyse(self, variables, pictures) -> Keypoints:
    """Keypoints of uint8 pictures."""
    return self._reenactor.apply(
      variables, _unit(pictures), method='analyse'
    ).keypoints

  @functools.partial(jax.jit, static_argnums=0)
  def _encode(self, variables, portrait) -> SourceFeatures:
    """All that depends on the portrait alone."""

    def encode(reenactor):
      return reenactor.encode_source(reenactor.analyse(_unit(portrait)))

    return self._reenactor.apply(variables, method=encode)

  @functools.partial(jax.jit, static_argnums=0)
  def _render(self, variables, source, frames, initial, scale):
    """A chunk of uint8 frames; motion is absolute without `initial`."""

    def render(reenactor):
      driving = reenactor.analyse(_unit(frames)).keypoints
      many = jax.tree.map(
        lambda x: jnp.broadcast_to(x, (len(frames), *x.shape[1:])), source
      )
      if initial is not None:
        driving = transfer_motion(source.keypoints, driving, initial, scale)
      return reenactor.render(many, driving).prediction

    prediction = self._reenactor.apply(variables, method=render)
    return jnp.round(255 * prediction).astype(jnp.uint8)


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


def _chunks(frames: Iterable, size: int) -> Iterator[list]:
  frames = iter(frames)
  while chunk := list(itertools.islice(frames, size)):
    yield chunk


def _fetched(made: jax.Array, count: int) -> Iterator[np.ndarray]:
  yield from np.asarray(made)[:count]


def _unit(frames: jax.Array) -> jax.Array:
  return jnp.asarray(frames, jnp.float32) / 255


class _Samples:
  """Evenly spaced items of a stream whose length is not known beforehand."""

  def __init__(self, most: int):
    self.items = []
    self._most, self._stride, self._seen = most, 1, 0

  def add(self, item) -> None:
    if self._seen % self._stride == 0:
      self.items.append(item)
    self._seen += 1
    if len(self.items) > self._most:
      self.items = self.items[::2]
      self._stride *= 2


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
  _check_outputs([output, contact_sheet], [source, driving])
  animator = Animator.open(workdir)
  samples = _Samples(8)
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
    _write_sheet(contact_sheet, animator.size, portrait, samples.items)
    print(contact_sheet)
  if broken:
    raise DataError(f'{broken[0]}; {output} ends there')


def _check_outputs(outputs: list[str | None], inputs: list[str]) -> None:
  """Before hours of work: what we write must not replace what we read."""
  for path in filter(None, outputs):
    if os.path.exists(path) and any(os.path.samefile(path, i) for i in inputs):
      raise DataError(f'{path} is an input: give the output another name')
  sheet = outputs[1]
  if sheet and pathlib.Path(sheet).suffix.lower() not in pictures.SUFFIXES:
    raise DataError(f'{sheet}: end the name of the contact sheet in .png')


def _write_sheet(path, size, portrait, samples) -> None:
  """Source, driving and result, one row each."""
  frames, results = zip(*samples, strict=True)
  sheet = drawing.contact_sheet(
    {
      'source': pictures.square(portrait, size)[None],
      'driving': np.stack([pictures.square(frame, size) for frame in frames]),
      'result': np.stack(results),
    }
  )
  pictures.write_picture(path, sheet)


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
  add('--contact_sheet', help='a PNG of source, driving and result to look at')
  flags = parser.parse_args()
  screen.quiet()
  sys.exit(exit_code(lambda: animate(**vars(flags))))


if __name__ == '__main__':
  main()
