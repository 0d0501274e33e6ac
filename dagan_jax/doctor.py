"""Tells what is here and which commands will work.

  python -m dagan_jax.doctor --workdir=runs/daganpp

Paste what it prints into a bug report.
"""

import argparse
import os
import sys

from dagan_jax.app import health
from dagan_jax.console import log
from dagan_jax.inference import compile_cache
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.doctor',
    description='Tells what is here and which commands will work.',
  )
  parser.add_argument(
    '--workdir',
    type=os.path.expanduser,
    help='a network, or a model, to look at as well',
  )
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()  # where the commands that animate keep theirs

  def print_lines() -> None:
    for line in health.describe(flags.workdir):
      print(line)

  sys.exit(exit_code(print_lines))


if __name__ == '__main__':
  main()
