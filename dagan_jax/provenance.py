"""Tells whether a video or picture says that it is synthetic.

`python -m dagan_jax.provenance out.mp4` reads the mark in the pixels, the
signed C2PA manifest and the comment in the metadata. The exit code is 0 if
something says that the file is synthetic, 1 if nothing does (which proves
nothing: all of it can be removed), 2 if the file cannot be read.
"""

import argparse
import os
import sys

from dagan_jax.app.provenance import read_provenance
from dagan_jax.console import log
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.provenance',
    description='Tells whether a video or picture says that it is synthetic:'
    ' by an invisible mark in its pixels, by a signed C2PA manifest, or in its'
    ' metadata. Exit code 0:'
    ' something says so; 1: nothing does; 2: the file cannot be read.',
  )
  parser.add_argument(
    'file',
    type=os.path.expanduser,
    help='a video, a picture, or a folder of frames',
  )
  flags = parser.parse_args()
  log.quiet()

  def tell() -> int:
    told = read_provenance(flags.file)
    print(*told.lines, sep='\n')
    return 0 if told.is_synthetic else 1

  sys.exit(exit_code(tell))


if __name__ == '__main__':
  main()
