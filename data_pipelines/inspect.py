"""Tells what a data set holds, and everything that is wrong with it.

  python -m data_pipelines.inspect --path=DIR [--contact_sheet=sheet.png]

One line for each problem; the exit code is 0 where there is none, 1 where there
are some, 2 where there is no data set.
"""

import argparse
import os
import sys

from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.recorded import (
  inspection,
  manifest,
  speech_inspection,
  speech_list,
)


def main() -> None:
  """Parses the command line; ends with 0, 1 (problems), 2 (no data set)."""
  parser = argparse.ArgumentParser(
    prog='python -m data_pipelines.inspect',
    description='Tells what a data set holds, and all that is wrong with it.',
  )
  parser.add_argument(
    '--path',
    type=os.path.expanduser,
    required=True,
    help='the folder of a data set, or one above it',
  )
  parser.add_argument(
    '--contact_sheet',
    type=os.path.expanduser,
    metavar='PATH',
    help='a PNG to write',
  )
  parser.add_argument(
    '--decode',
    choices=inspection.DECODE,
    default='all',
    help='frames of each clip',
  )
  flags = parser.parse_args()

  def command() -> int:
    count, path = 0, flags.path
    has_speeches = manifest.is_below(path, speech_list.NAME)
    if has_speeches:
      count += speech_inspection.inspect(path)
    # Speakers have pictures as well where that was asked for.
    if manifest.is_below(path) or not has_speeches:
      count += inspection.inspect(path, flags.contact_sheet, flags.decode)
    elif flags.contact_sheet:
      raise DataError(
        '--contact_sheet shows frames, of which there are none; speeches have a'
        ' contact_sheet.png beside them'
      )
    return 1 if count else 0

  sys.exit(exit_code(command))


if __name__ == '__main__':
  main()
