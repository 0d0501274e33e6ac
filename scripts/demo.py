"""Trains on rendered faces, then animates one that it never saw: `make demo`.

Each step is also a command of its own that takes real videos; see README.md.
"""

import pathlib
import runpy
import sys
from fractions import Fraction

from dagan_jax.app.animation import animate_files
from dagan_jax.app.depth import estimate_depth
from dagan_jax.app.files import Files
from dagan_jax.console import log
from dagan_jax.evaluation import evaluate
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.training import loop
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media import pictures, video_writer
from data_pipelines.synthetic import rendered_faces

WORKDIR = pathlib.Path('runs/demo')
PORTRAIT, DRIVER = 1_000_003, 1_000_009  # people of the held-out split
SECONDS, RATE = 6, 25


def main() -> None:
  """Trains, scores and animates; goes on where an earlier run stopped."""
  log.quiet()
  config = runpy.run_path('configs/synthetic.py')['get_config']()
  config.report.eval_every = config.stage_1.report.eval_every = 0  # below
  loop.train_stages(config, WORKDIR)
  print('\nScoring people who were not trained on: their depth, their videos')
  evaluate.evaluate(config.stage_1, str(WORKDIR / 'stage_1'))
  evaluate.evaluate(config, str(WORKDIR))
  compile_cache.keep()
  memory.keep_freed_memory()
  print('\nThe depth of a rendered portrait:')
  write_inputs()
  estimate_depth(
    workdir=str(WORKDIR / 'stage_1'),
    input=str(WORKDIR / 'portrait.png'),
    output=[str(WORKDIR / 'depth.png'), str(WORKDIR / 'head.ply')],
  )
  print('\nAnimating it by the video of somebody else:')
  files = Files(
    workdir=str(WORKDIR),
    source=str(WORKDIR / 'portrait.png'),
    driving=str(WORKDIR / 'driving.mp4'),
    output=str(WORKDIR / 'result.mp4'),
    contact_sheet=str(WORKDIR / 'contact_sheet.png'),
  )
  # Rendered faces are learnt whole.
  animate_files(files, Settings(crop='none', crop_driving='none'))


def write_inputs() -> None:
  """Renders a portrait and a video of two people who were not trained on."""
  portrait = rendered_faces.image(PORTRAIT, 0.0, 256)
  pictures.write_picture(WORKDIR / 'portrait.png', portrait)
  print(WORKDIR / 'portrait.png')
  with video_writer.VideoWriter(
    WORKDIR / 'driving.mp4', Fraction(RATE)
  ) as video:
    for frame in range(SECONDS * RATE):
      video.write(rendered_faces.image(DRIVER, frame / RATE, 256))
  print(WORKDIR / 'driving.mp4')


if __name__ == '__main__':
  sys.exit(exit_code(main))
