"""Depth from a picture or a video: maps, coloured videos, point clouds.

`python -m dagan_jax.depth --workdir=W --input=clip.mp4 --output=depth.mp4
--output=head.ply` from the shell; `DepthEstimator` from Python:

    estimator = DepthEstimator.open('runs/face_depth')
    for estimate in estimator.estimates(frames):
      ...
"""

import argparse
import contextlib
import itertools
import pathlib
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from dagan_jax.app import point_cloud
from dagan_jax.app.outputs import ArrayWriter, check_outputs
from dagan_jax.console import log, progress
from dagan_jax.drawing import colours, sheets
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.chunks import Samples
from dagan_jax.inference.depth_estimator import CHUNK, DepthEstimator
from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.media import pictures, video_reader
from data_pipelines.media.video_writer import ENCODINGS

VIDEOS = (*ENCODINGS, '')  # '': a folder of PNG frames
STILLS = ('.png', '.ply')  # of a picture, or of a video's first frame


def estimate_depth(
  workdir: str,
  input: str,
  output: Sequence[str],
  uncertainty: str | None = None,
  contact_sheet: str | None = None,
) -> None:
  """From a file to files: what the command line does with its flags.

  Prints every path written.

  Raises:
    UsageError: the workdir holds no depth network, or finds no uncertainty.
    DataError: the input cannot be read, or an output not written. Of a video
      that breaks off, what came before the break is written and kept.
  """
  video = video_reader.read(input)
  _check_endings(output, uncertainty)
  check_outputs([*output, uncertainty], [input], contact_sheet)
  estimator = DepthEstimator.open(workdir)
  frames = iter(video)
  first = list(itertools.islice(frames, CHUNK))
  if len(first) < (2 if uncertainty else 1):
    one = DataError(f'{input}: one picture; uncertainty takes two frames')
    raise video.broken or one
  whole = uncertainty or contact_sheet or _ending(output, '.npy', *VIDEOS)
  estimates = estimator.estimates(
    itertools.chain(first, frames) if whole else first[:1],
    uncertainty=bool(
      uncertainty
      or (contact_sheet and estimator.finds_uncertainty and len(first) > 1)
    ),
    chunk=CHUNK if whole and len(first) > 1 else 1,
  )
  initial = next(estimates)
  in_colours = colours.steady_colour_map(initial.disparity)
  single = video.probe.frames == 1 and _ending([input], *pictures.SUFFIXES)
  samples = Samples(8)
  with contextlib.ExitStack() as opened:
    bar = progress.bar(video.probe.frames if whole else 1, unit='frame')
    opened.enter_context(bar)
    videos = [(path, 'depth') for path in _ending(output, *VIDEOS)]
    videos += [(uncertainty, 'uncertainty')] if uncertainty else []
    writers = [
      (opened.enter_context(video_reader.VideoWriter(path, video.rate)), row)
      for path, row in videos
    ]
    arrays = [
      opened.enter_context(ArrayWriter(path, single=bool(single)))
      for path in _ending(output, '.npy')
    ]
    for path in _ending(output, '.png'):
      pictures.write_picture(path, in_colours(initial.disparity))
    for path in _ending(output, '.ply'):
      camera = estimator.camera(first)
      point_cloud.write_cloud(path, initial.image, initial.depth, camera)
    for estimate in itertools.chain([initial], estimates):
      rows = {'input': estimate.image, 'depth': in_colours(estimate.disparity)}
      if estimate.uncertainty is not None:
        uncertain = colours.stretch_logarithms(estimate.uncertainty)
        rows['uncertainty'] = colours.colour_map(uncertain)
      for writer, row in writers:
        writer.write(rows[row])
      for array in arrays:
        array.write(estimate.depth[..., 0])
      samples.add(rows)
      bar.update()
  print(*output, *filter(None, [uncertainty]), sep='\n')
  if contact_sheet:
    _write_sheet(contact_sheet, samples.items)
    print(contact_sheet)
  if video.broken and whole:
    raise DataError(f'{video.broken}; what came before that is written')


def _ending(paths: Iterable[str], *suffixes: str) -> list[str]:
  """The paths that end so."""
  return [p for p in paths if pathlib.Path(p).suffix.lower() in suffixes]


def _check_endings(output: Sequence[str], uncertainty: str | None) -> None:
  """Before hours of work."""
  known = ', '.join(ENCODINGS)
  for path in output:
    if not _ending([path], '.npy', *STILLS, *VIDEOS):
      raise DataError(
        f'{path}: end the name in .npy, {", ".join(STILLS)}, {known},'
        ' or in nothing for a folder of pictures'
      )
  if uncertainty and not _ending([uncertainty], *VIDEOS):
    raise DataError(
      f'{uncertainty}: uncertainty makes a video: end the name in {known},'
      ' or in nothing for a folder of pictures'
    )


def _write_sheet(path: str, samples: list[dict[str, np.ndarray]]) -> None:
  """Input, depth and, where it is found, uncertainty, one row each."""
  rows = {row: np.stack([s[row] for s in samples]) for row in samples[0]}
  pictures.write_picture(path, sheets.contact_sheet(rows))


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.depth',
    description='Finds depth in a picture or a video. The central square of'
    ' each frame is scaled to the size the network was trained at, and that is'
    ' the size of all results.',
  )
  add = parser.add_argument
  add('--workdir', required=True, help='a trained network of either stage')
  add(
    '--input',
    required=True,
    help='a picture of any size, mp4 or the like, a gif, a folder of frames',
  )
  add(
    '--output',
    required=True,
    action='extend',
    nargs='+',
    metavar='PATH',
    help='one or more, also as --output=A --output=B. .mp4, .gif, .webp, or a'
    ' name without suffix for a folder of PNG frames: disparity in colours,'
    ' near is light, from the least to the largest of the first frame. .png:'
    ' the same of the first frame. .npy: depth, float32 (h, w) of a picture or'
    ' (t, h, w) of a video; its unit is unknown. .ply: a coloured point cloud'
    ' of the first frame in the same unit, y up, z towards the viewer, without'
    ' what is more than twice as far as the head',
  )
  add(
    '--uncertainty',
    metavar='PATH',
    help='a video of where each frame is not explained by a later one (light),'
    ' on a logarithmic scale from 0.01 to 1; the last frames are compared with'
    ' earlier ones',
  )
  add(
    '--contact_sheet',
    metavar='PATH',
    help='a PNG of input, depth and uncertainty to look at',
  )
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()
  sys.exit(exit_code(lambda: estimate_depth(**vars(flags))))


if __name__ == '__main__':
  main()
