"""Moves portraits as videos move.

`python -m dagan_jax.animate --workdir=W --source=portrait.png
--driving=clip.mp4 --output=out.mp4` from the shell; `Animator` from Python.
"""

import argparse
import sys

from dagan_jax.app.extras import Byproducts
from dagan_jax.app.many_videos import (
  FORMATS,
  animate_pairs,
  are_many,
  listed,
)
from dagan_jax.app.one_video import (
  Settings,
  check_driving,
  is_motion,
  perform,
  ready,
  watch,
)
from dagan_jax.app.outputs import check_outputs
from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.driving_motion import MOTIONS
from dagan_jax.inference.reenactment.driving_video import DrivingVideo
from dagan_jax.inference.reenactment.panels import TRACKS
from dagan_jax.inference.reenactment.portraits import BACKGROUNDS
from dagan_jax.inference.reenactment.programs import PRECISIONS
from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.media import (
  pictures,
  video_reader,
)


def animate(
  workdir: str,
  source: str,
  driving: str,
  output: str,
  save: str | None = None,
  contact_sheet: str | None = None,
  **settings,
) -> None:
  """From files to a file: what the command line does with its flags.

  Prints every path written.

  Args:
    workdir: of a trained or converted network.
    source: the portrait.
    driving: a video, or a motion that was saved.
    output: where the video goes.
    save: what is kept beside it, see `byproducts`.
    contact_sheet: where a picture of how it came about goes, if wanted.
    **settings: fields of Settings.

  Raises:
    UsageError: the workdir holds no network that animates, or a flag is wrong.
    DataError: portrait or video cannot be read, or the output not written. Of a
      video that breaks off, what came before the break is written and kept.
    KeyboardInterrupt: Ctrl-C; what was made by then is written and kept.
  """
  settings, byproducts = Settings(**settings), Byproducts(save)
  settings.check()
  check_driving(driving, settings, contact_sheet)
  picture = pictures.read_picture(source)
  video = driving if is_motion(driving) else DrivingVideo(driving)
  check_outputs(
    [output, *byproducts.paths(output)], [source, driving], contact_sheet
  )
  video_reader.check_place(output)
  animator = Animator.open(workdir, precision=settings.precision)
  animator.check_tracks(settings.tracks)
  byproducts.open(workdir)
  portrait = ready(animator, picture, settings, source)
  watched = watch(animator, video, settings)
  perform(
    animator, portrait, watched, output, settings, byproducts, contact_sheet
  )
  if watched.broken:
    raise DataError(f'{watched.broken}; {output} ends there')


def run(
  *,
  workdir: str,
  output: str,
  source: str | None = None,
  driving: str | None = None,
  pairs: str | None = None,
  format: str | None = None,
  save: str | None = None,
  contact_sheet: str | None = None,
  **settings,
) -> None:
  """One video or many, as the flags say; raises as `animate` does."""
  if not pairs and not (source and driving):
    raise UsageError('--source and --driving are needed, or --pairs')
  if not are_many(source, driving, pairs):
    if format:
      raise UsageError(
        '--format is for many videos: the name of one tells its format'
      )
    animate(workdir, source, driving, output, save, contact_sheet, **settings)
    return
  if contact_sheet:
    raise UsageError('--contact_sheet is for one video alone')
  animate_pairs(
    workdir,
    listed(source, driving, pairs),
    output,
    Settings(**settings),
    Byproducts(save, many=True),
    FORMATS[format or 'mp4'],
  )


def _start_flag(text: str) -> str | int:
  if text in ('best', 'first'):
    return text
  if text.isdecimal():
    return int(text)
  raise argparse.ArgumentTypeError(f'{text!r}: best, first or a number from 0')


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.animate',
    description='Moves portraits as videos move.',
  )
  add = parser.add_argument
  add('--workdir', required=True, help='a trained or converted network')
  add(
    '--source',
    help='the portrait: a picture of any size, or a folder of portraits',
  )
  add(
    '--driving',
    help='the video to move like: mp4 or the like, a gif, a folder of frames, a'
    ' picture, or a motion that --save wrote (.npz); or a folder of videos',
  )
  add(
    '--pairs',
    help='a CSV file, source,driving in each line, instead of every portrait '
    'with every video',
  )
  add(
    '--output',
    required=True,
    help='.mp4, .gif or .webp; a name without suffix: a folder of PNG frames; '
    'of many videos: the folder where they go, those that are there are kept',
  )
  add(
    '--format',
    choices=tuple(FORMATS),
    help='of many videos (default: mp4; png: folders of frames)',
  )
  add(
    '--motion',
    choices=MOTIONS,
    default='relative',
    help="relative: add to the portrait's pose what changes from a driving "
    'frame posed alike (default); absolute: take the driving pose as it is',
  )
  add(
    '--start',
    type=_start_flag,
    default='best',
    help='the driving frame that relative motion starts from: the one posed '
    'most like the portrait (best, default), the first, or a number from 0',
  )
  add(
    '--strength',
    type=float,
    default=1.0,
    help='how much of the motion is taken: 0 nothing, 1 all (default)',
  )
  add(
    '--smooth',
    type=float,
    default=0.0,
    help='hertz: damp what trembles faster, 1 strongly, 3 gently (default: 0, '
    'not at all)',
  )
  add(
    '--save',
    help='what is kept beside the video, comma-separated: motion, to drive'
    ' other portraits without the video; depth and pointcloud of the'
    " portrait's part that moves. Each goes beside the output"
    ' (out.motion.npz, out.depth.npy,'
    ' out.ply), or a path says where: .npz the motion, .npy or .png depth as'
    ' numbers or colours, .ply the point cloud',
  )
  add(
    '--grid',
    default='result',
    help='what the video shows side by side, comma-separated, in this order:'
    f' some of {", ".join(TRACKS)}. Depth is that of the driving frame, and so'
    ' are keypoints; occlusion is dark where the portrait is not seen and must'
    ' be made up',
  )
  add(
    '--contact_sheet',
    help='a PNG of source, driving, result and how it came about, to look at',
  )
  add(
    '--crop',
    default='auto',
    help='the part of the portrait that moves: the largest face (auto, '
    'default; needs the extra [eval]), the central square (none), or x,y,w,h',
  )
  add(
    '--crop_driving',
    default='auto',
    help='the part of the driving video, likewise; fixed for all of it',
  )
  add(
    '--paste_back',
    action='store_true',
    help='put the moving part back into the whole portrait',
  )
  add(
    '--background',
    choices=BACKGROUNDS,
    default='moving',
    help='behind the person: moved along with the head, as networks do it'
    ' (moving, default), or held as the portrait shows it (static; needs the'
    ' extra [eval])',
  )
  add(
    '--debug_identity',
    action='store_true',
    help='show the part of the portrait unmoved, to look at crop and paste',
  )
  add(
    '--precision',
    choices=PRECISIONS,
    help='of what moves and draws (default: float32 on processors, bfloat16 on '
    'accelerators)',
  )
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()
  sys.exit(exit_code(lambda: run(**vars(flags))))


if __name__ == '__main__':
  main()
