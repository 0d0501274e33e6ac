"""Finds depth in a picture or a video, from a file to files."""

import contextlib
import itertools
import os
import pathlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from absl import logging

from dagan_jax.app import point_cloud
from dagan_jax.app.outputs import check_outputs, write_array
from dagan_jax.console import progress
from dagan_jax.console.errors import UsageError
from dagan_jax.drawing import colours, sheets
from dagan_jax.inference.depth_estimator import CHUNK, DepthEstimator, Estimate
from dagan_jax.inference.reenactment.crops import (
  Squares,
  VideoFraming,
  find_portrait_framing,
  find_watched_framing,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.wording import list_passed_over
from data_pipelines.media import pictures, video_reader, video_writer
from data_pipelines.media.file_kinds import Kind, kind_of
from data_pipelines.media.folders import list_beside_frames
from data_pipelines.media.video_writer import ENCODINGS

VIDEOS = (*ENCODINGS, '')  # '': a folder of PNG frames
STILLS = ('.png', '.ply')  # of a picture, or of a video's first frame
_SHOWN = 8  # frames on a contact sheet, at most
_SEEN = 1.2  # times as far as the nearest pixel: what is farther is black
_LEARNT_FROM = 256  # frames that are learnt from, at most

Painter = Callable[[Estimate], dict[str, np.ndarray]]


def estimate_depth(
  workdir: str | None,
  input: str,
  output: Sequence[str],
  uncertainty: str | None = None,
  contact_sheet: str | None = None,
  refine: int = 0,
  crop: str = 'auto',
) -> None:
  """Does all that the command is asked for; its flags say what each name means.

  Prints every path written.

  Raises:
    UsageError: the workdir holds no depth network, finds no uncertainty, or
      cannot be refined.
    DataError: the input cannot be read, shows no face, or an output cannot be
      written. Of a video that breaks off, what came before the break is written
      and kept.
  """
  if refine < 0:
    raise UsageError(f'--refine is {refine}: it must be 0 or more steps')
  video = video_reader.SteadyVideo(input)
  _check_suffixes(output, uncertainty)
  check_outputs([*output, uncertainty], [input], contact_sheet)
  estimator = DepthEstimator.open(workdir)
  is_picture = kind_of(pathlib.Path(input)) is Kind.PICTURE
  is_whole = bool(
    uncertainty or contact_sheet or _select(output, '.npy', *VIDEOS)
  )
  squares = _cut(video, crop, estimator.size, whole=is_whole and not is_picture)
  if refine:
    estimator = _refine(estimator, squares, refine)
  frames = iter(squares)
  first = list(itertools.islice(frames, CHUNK))
  if len(first) < (2 if uncertainty else 1):
    one = DataError(f'{input}: one picture; uncertainty takes two frames')
    raise video.broken or one
  estimates = estimator.estimates(
    itertools.chain(first, frames) if is_whole else first[:1],
    uncertainty=bool(
      uncertainty
      or (contact_sheet and estimator.finds_uncertainty and len(first) > 1)
    ),
    chunk=CHUNK if is_whole and len(first) > 1 else 1,
  )
  initial = next(estimates)
  paint = _make_painter(initial.disparity)
  samples = Samples(_SHOWN)
  with contextlib.ExitStack() as opened:
    bar = progress.bar(video.probe.frames if is_whole else 1, unit='frame')
    opened.enter_context(bar)
    panels = [(path, 'depth') for path in _select(output, *VIDEOS)]
    panels += [(uncertainty, 'uncertainty')] if uncertainty else []
    writers = [
      (opened.enter_context(video_writer.VideoWriter(path, video.rate)), panel)
      for path, panel in panels
    ]
    arrays = [
      opened.enter_context(write_array(path, single=bool(is_picture)))
      for path in _select(output, '.npy')
    ]
    _write_stills(output, initial, paint, lambda: estimator.camera(first))
    for estimate in itertools.chain([initial], estimates):
      painted = paint(estimate)
      for writer, panel in writers:
        writer.write(painted[panel])
      for array in arrays:
        array.write(estimate.depth[..., 0])
      samples.add(painted)
      bar.update()
  print(*output, *filter(None, [uncertainty]), sep='\n')
  if contact_sheet:
    _write_sheet(contact_sheet, samples.items)
    print(contact_sheet)
  if os.path.isdir(input):
    for line in list_passed_over(list_beside_frames(pathlib.Path(input))):
      logging.info('%s', line)
  if video.broken and is_whole:
    raise DataError(f'{video.broken}; what came before that is written')


class Samples:
  """A few items of a stream, evenly spaced, whose length nobody knows.

  Attributes:
    items: the samples so far, in order.
    stride: every how many-th item of the stream is kept.
  """

  def __init__(self, most: int):
    """Keeps `most` items at most."""
    self.items: list[Any] = []
    self._most, self.stride, self._seen = most, 1, 0

  def add(self, item: Any) -> None:
    """Takes the next item of the stream, and keeps it or not."""
    if self._seen % self.stride == 0:
      self.items.append(item)
    self._seen += 1
    if len(self.items) > self._most:
      self.items = self.items[::2]
      self.stride *= 2


def _cut(
  video: video_reader.Video, crop: str, size: int, *, whole: bool
) -> Squares:
  """The part of each frame that the networks see.

  Args:
    video: or a picture.
    crop: see `crops`.
    size: of the parts, in pixels.
    whole: whether more than the first frame is asked for.
  """
  name = str(video.path)
  if whole:
    framing = find_watched_framing(video, crop, name)
  else:
    first = next(iter(video))
    framing = VideoFraming({0: find_portrait_framing(first, crop, name)})
  return Squares(video, framing, size)


def _refine(
  estimator: DepthEstimator, squares: Squares, steps: int
) -> DepthEstimator:
  """Lets the networks learn from frames all over the video."""
  samples = Samples(_LEARNT_FROM)
  for square in squares:
    samples.add(square)
  gap = max(1, estimator.apart // samples.stride)
  return estimator.refine(samples.items, gap, steps)


def _select(paths: Iterable[str], *suffixes: str) -> list[str]:
  """The paths that end so."""
  return [p for p in paths if pathlib.Path(p).suffix.lower() in suffixes]


def _check_suffixes(output: Sequence[str], uncertainty: str | None) -> None:
  """Raises DataError, before long work, for names that no writer knows."""
  known = ', '.join(ENCODINGS)
  for path in output:
    if not _select([path], '.npy', *STILLS, *VIDEOS):
      raise DataError(
        f'{path}: end the name in .npy, {", ".join(STILLS)}, {known},'
        ' or in nothing for a folder of pictures'
      )
  if uncertainty and not _select([uncertainty], *VIDEOS):
    raise DataError(
      f'{uncertainty}: uncertainty makes a video: end the name in {known},'
      ' or in nothing for a folder of pictures'
    )


def _make_painter(first: np.ndarray) -> Painter:
  """What makes pictures of an estimate, by name.

  All disparities have the colours of the range in the first frame, but for what
  is farther than a head reaches: a wall would leave the face one colour.
  """
  near = np.maximum(first, first.max() / _SEEN)
  colour_disparity = colours.steady_colour_map(near)

  def paint(estimate: Estimate) -> dict[str, np.ndarray]:
    depth = colour_disparity(estimate.disparity)
    painted = {'input': estimate.image, 'depth': depth}
    if estimate.uncertainty is not None:
      uncertain = colours.stretch_logarithms(estimate.uncertainty)
      painted['uncertainty'] = colours.colour_map(uncertain)
    return painted

  return paint


def _write_stills(
  output: Sequence[str],
  estimate: Estimate,
  paint: Painter,
  find_camera: Callable[[], np.ndarray],
) -> None:
  """Writes what is made of the first frame alone."""
  for path in _select(output, '.png'):
    pictures.write_picture(path, paint(estimate)['depth'])
  for path in _select(output, '.ply'):
    point_cloud.write_cloud(path, estimate.image, estimate.depth, find_camera())


def _write_sheet(path: str, samples: list[dict[str, np.ndarray]]) -> None:
  """Input, depth and, where it is found, uncertainty, one row each."""
  rows = {row: np.stack([s[row] for s in samples]) for row in samples[0]}
  pictures.write_picture(path, sheets.contact_sheet(rows))
