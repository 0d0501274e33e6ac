"""Depth from a picture or a video: maps, coloured videos, point clouds.

`python -m dagan_jax.depth --input=video.mp4 --output=depth.mp4
--output=head.ply` from the shell; `DepthEstimator` from Python:

    estimator = DepthEstimator.open('runs/face_depth')
    for estimate in estimator.estimates(frames):
      ...
"""

import argparse
import os
import sys

from dagan_jax.app.depth import estimate_depth
from dagan_jax.console import log
from dagan_jax.inference import compile_cache, memory
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.depth',
    description='Finds depth in a picture or a video. The part of each frame'
    ' around a face is scaled to the size the network was trained at, and that'
    ' is the size of all results.',
  )
  add = parser.add_argument
  add(
    '--workdir',
    type=os.path.expanduser,
    help='a trained network of either stage, or a file that convert --box wrote'
    ' (default: the networks that the package brings along)',
  )
  add(
    '--input',
    type=os.path.expanduser,
    required=True,
    help='a picture of any size, mp4 or the like, a gif, a folder of frames',
  )
  add(
    '--output',
    type=os.path.expanduser,
    required=True,
    action='extend',
    nargs='+',
    metavar='PATH',
    help='one or more, also as --output=A --output=B. .mp4, .gif, .webp, or a'
    ' name without suffix for a folder of PNG frames: disparity in colours,'
    ' near is light, as in the first frame; what is a fifth farther than its'
    ' nearest pixel is black. .png:'
    ' the same of the first frame. .npy: depth, float32 (h, w) of a picture or'
    ' (t, h, w) of a video; its unit is unknown. .ply: a coloured point cloud'
    ' of the first frame in the same unit, y up, z towards the viewer, without'
    ' what is more than half again as far as the head',
  )
  add(
    '--uncertainty',
    type=os.path.expanduser,
    metavar='PATH',
    help='a video of where each frame is not explained by a later one (light),'
    ' on a logarithmic scale from 0.01 to 1; the last frames are compared with'
    ' earlier ones',
  )
  add(
    '--contact_sheet',
    type=os.path.expanduser,
    metavar='PATH',
    help='a PNG of input, depth and uncertainty to look at',
  )
  add(
    '--refine',
    type=int,
    default=0,
    metavar='N',
    help='let the networks learn from this very video first, for so many steps;'
    " the workdir stays as it is. It takes the package's own networks, or a"
    ' --workdir of a face_depth run (default: %(default)s)',
  )
  add(
    '--crop',
    default='auto',
    metavar='WHERE',
    help='the part that is looked at: around the largest face, at one place for'
    ' each shot of a video (auto; needs the extra [eval]), the central square'
    ' (none), or around x,y,w,h in pixels (default: %(default)s)',
  )
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()
  sys.exit(exit_code(lambda: estimate_depth(**vars(flags))))


if __name__ == '__main__':
  main()
