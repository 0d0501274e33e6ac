"""Trains on rendered faces while one watches: `make demo-train`.

It learns depth, then motion, scores both on people it never saw, and animates
one of them. Each step is also a command of its own that takes real videos; see
README.md.
"""

import pathlib
import runpy
import sys

from demo import SITTER, SIZE, write_actor

from dagan_jax.app.animation import animate_files
from dagan_jax.app.depth import estimate_depth
from dagan_jax.app.files import Files
from dagan_jax.console import log
from dagan_jax.evaluation import evaluate
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.training import loop
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media import pictures
from data_pipelines.synthetic import rendered_faces

WORKDIR = pathlib.Path('runs/demo_train')


def main() -> None:
  """Trains, scores and animates; goes on where an earlier run stopped."""
  log.quiet()
  config = runpy.run_path('configs/synthetic.py')['get_config']()
  config.report.eval_every = config.stage_1.report.eval_every = 0  # below
  print(f'Watch it: {WORKDIR}/images, or tensorboard --logdir={WORKDIR}')
  loop.train_stages(config, WORKDIR)
  print('\nScoring people who were not trained on: their depth, their videos')
  evaluate.evaluate(config.stage_1, str(WORKDIR / 'stage_1'))
  evaluate.evaluate(config, str(WORKDIR))
  compile_cache.keep()
  memory.keep_freed_memory()
  print('\nThe depth of a rendered portrait:')
  portrait = str(WORKDIR / 'portrait.png')
  pictures.write_picture(portrait, rendered_faces.image(SITTER, 0.0, SIZE))
  estimate_depth(
    workdir=str(WORKDIR / 'stage_1'),
    input=portrait,
    output=[str(WORKDIR / 'depth.png'), str(WORKDIR / 'head.ply')],
    crop='none',  # rendered faces are learnt whole
  )
  print('\nAnimating it by the video of somebody else:')
  write_actor(WORKDIR / 'actor.mp4')
  files = Files(
    workdir=str(WORKDIR),
    source=portrait,
    driving=str(WORKDIR / 'actor.mp4'),
    output=str(WORKDIR / 'result.mp4'),
    contact_sheet=str(WORKDIR / 'contact_sheet.png'),
  )
  # Rendered faces are learnt whole.
  animate_files(files, Settings(crop='none', crop_driving='none'))


if __name__ == '__main__':
  sys.exit(exit_code(main))
