"""Reads the frames of examples side by side, one pair of them at a time."""

import itertools
import pathlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from dagan_jax.evaluation.action_units import ActionUnits, Face
from dagan_jax.evaluation.examples import Example
from dagan_jax.evaluation.protocol import Protocol
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.pictures import square
from data_pipelines.media.video_reader import Video


class Start(NamedTuple):
  """An example begins."""

  name: str
  source: np.ndarray | None  # uint8 (size, size, 3)
  generated: pathlib.Path  # the answer's file or folder
  driving: pathlib.Path  # of what drives, likewise


class Frame(NamedTuple):
  """What drives or is the truth, and what was generated."""

  driving: np.ndarray  # uint8 (size, size, 3)
  generated: np.ndarray
  units: tuple[Face, Face] | None = None  # of both, in the same order


class End(NamedTuple):
  """An example is over."""

  name: str
  left_out: str  # why it must not be compared; '': it may be
  remark: str  # what else is to be known of it; '': nothing


def read_examples(
  examples: Iterable[Example], protocol: Protocol
) -> Iterator[Start | Frame | End]:
  """Start, frames and end of each example, in their order.

  What is found only on reading leaves an example out as well, after some of its
  frames: a damaged file, another shape, another length. Where a protocol takes
  some first frames only, no length is compared beyond them.
  """
  for example in examples:
    remarks = []
    try:
      source = None
      if example.source is not None:
        first = next(iter(Video(example.source)))
        source = square(first, protocol.size)
      yield Start(example.name, source, example.generated, example.driving)
      yield from _read_pairs(example, protocol, remarks)
      why = ''
    except DataError as error:
      why = str(error)
    yield End(example.name, why, '; '.join(remarks))


def _read_pairs(
  example: Example, protocol: Protocol, remarks: list[str]
) -> Iterator[Frame]:
  """Raises DataError where the two cannot be compared."""
  paths = example.driving, example.generated
  both = [_read_whole(path, example.name) for path in paths]
  units = None
  if example.units is not None:
    units = [
      ActionUnits(path)
      for path in (example.units.driving, example.units.generated)
    ]
  taken = 0
  for number, (driving, generated) in enumerate(itertools.zip_longest(*both)):
    if driving is None or generated is None:
      ended = example.driving if driving is None else example.generated
      other = example.generated if driving is None else example.driving
      raise DataError(
        f'other lengths: {ended} ends after {number} frames, {other} does not;'
        ' give an answer to each frame'
      )
    if not number:
      shapes = driving.shape[:2], generated.shape[:2]
      _check_shapes(example, protocol, shapes, remarks)
    if number < protocol.skip or (number - protocol.skip) % protocol.every:
      continue
    faces = tuple(each.at(number) for each in units) if units else None
    squares = (square(x, protocol.size) for x in (driving, generated))
    yield Frame(*squares, faces)
    taken += 1
    if taken == protocol.most:
      return
  for each in units or ():
    if each.frames > number + 1:
      raise DataError(
        f'other lengths: {each.path} tells of {each.frames} frames, and there'
        f' are {number + 1}; let it be of the same video'
      )
  if not taken:
    raise DataError(f'has {number + 1} frames, all of which the protocol skips')


def _read_whole(path: pathlib.Path, name: str) -> Iterator[np.ndarray]:
  """All frames of one size; raises DataError where the video breaks off."""
  video = Video(path)
  for number, frame in enumerate(video):
    if video.sizes_differ:  # to be shown it is scaled, not to be scored
      raise DataError(
        f'frame {number} of {name} has another size than the first one of'
        f' {path}; give all frames one size'
      )
    yield frame
  if video.broken is not None:
    raise video.broken


def _check_shapes(
  example: Example,
  protocol: Protocol,
  shapes: tuple[tuple[int, int], ...],
  remarks: list[str],
) -> None:
  """Raises DataError where central squares would show other things."""
  (height, width), (other_height, other_width) = shapes
  if abs(height * other_width - width * other_height) > max(shapes[0]):
    raise DataError(
      f'other shapes: {example.generated} is {other_width} x {other_height},'
      f' {example.driving} {width} x {height} pixels; cut both alike'
    )
  named = [
    f'{name} of {min(shape)} pixels'
    for name, shape in zip(('truth', 'answer'), shapes, strict=True)
    if min(shape) != protocol.size
  ]
  if named:
    remarks.append(f'{" and ".join(named)} scaled to {protocol.size}')
