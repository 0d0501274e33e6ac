"""Makes a data set of videos: `python -m data_pipelines.build`.

Stopped at any moment, the same command goes on; the same videos and flags give
the same bytes. docs/data.md tells the layout, and what becomes of odd videos.
"""

import argparse
import logging
import os
import sys
from fractions import Fraction

from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.errors.mendable import DataError, exit_code

RUNNERS = ('DirectRunner', 'FlinkRunner', 'SparkRunner', 'DataflowRunner')


def parser() -> argparse.ArgumentParser:
  """The command line."""
  made = argparse.ArgumentParser(
    prog='python -m data_pipelines.build',
    description='Makes a data set of videos; stopped, the same command goes'
    ' on.',
    argument_default=argparse.SUPPRESS,  # Settings has the defaults
  )
  add = made.add_argument
  add('--name', required=True, choices=data_set.NAMES)
  add(
    '--raw',
    type=os.path.expanduser,
    metavar='DIR',
    help='the folder of videos; of --name=speakers: of recordings, with'
    ' transcripts or coefficients beside them',
  )
  add(
    '--out',
    type=os.path.expanduser,
    required=True,
    metavar='DIR',
    help='where the data set goes',
  )
  add('--size', type=int, help='side of the pictures, pixels')
  add('--fps', type=Fraction, help='25, 30000/1001, ...')
  add('--encoding', choices=('jpeg', 'png'))
  add('--quality', type=int, help='of JPEG, 1 to 100')
  add(
    '--people',
    metavar='largest|leftmost|all|INDEX',
    help='whom to take where there are several; INDEX counts from the left',
  )
  add(
    '--bridge',
    type=int,
    metavar='FRAMES',
    help='for so long a face may be lost and still be followed',
  )
  add('--shortest', type=float, help='seconds of a clip')
  add('--longest', type=float, help='seconds; then it is divided')
  add(
    '--least_side',
    type=int,
    metavar='PIXELS',
    help="a clip's square in the video must be so large",
  )
  add(
    '--identity',
    choices=('folder', 'cluster'),
    help='who is who: by folders and lists, or by the faces; default: by the'
    ' faces where nothing else tells, or --people=all takes several',
  )
  add('--test_fraction', type=float, help='of the people')
  add('--licence', metavar='TEXT', help='of the videos')
  add(
    '--detector',
    type=os.path.expanduser,
    help='mediapipe, dlib, or a file of YuNet (.onnx)',
  )
  add('--jobs', type=int, metavar='N', help='processes')
  add('--dry_run', action='store_true', help='say what time and space it takes')
  add('--clean', action='store_true', help='remove the work in OUT/.work')
  add('--beam_runner', choices=RUNNERS, help='work on Apache Beam')
  add('--beam_options', metavar='a=b,c=d', help='flags of the runner')
  add('--identities', type=int, help='of --name=synthetic')
  add('--clip_frames', type=int, help='of --name=synthetic')
  add('--speakers', type=int, metavar='N', help='of --name=speakers')
  add('--seconds', type=float, help='of each speech of --name=speakers')
  add(
    '--frames',
    type=int,
    metavar='N',
    help='pictures of each speech of --name=speakers, spread evenly; 0: none',
  )
  return made


def main() -> None:
  """Parses the command line, builds, ends with 0, 2 (user's error) or 130."""
  # TensorFlow talks, unless told not to before it is there; TFDS by absl.
  os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
  os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')
  logging.getLogger('absl').setLevel(logging.ERROR)
  settings = Settings(**vars(parser().parse_args()))

  def command() -> None:
    try:
      print(data_set.build(settings))
    except OSError as error:
      raise DataError(f'{error}; free some room or mend it') from None

  stopped = 'stopped; the same command goes on from here'
  sys.exit(exit_code(command, stopped=stopped))


if __name__ == '__main__':
  main()
