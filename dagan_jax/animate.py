"""Moves portraits as videos move.

`python -m dagan_jax.animate --source=portrait.png --driving=driving.mp4
--output=out.mp4` from the shell; `Animator` from
Python.
"""

import argparse
import sys

from dagan_jax.app.animation import animate_files
from dagan_jax.app.files import Files
from dagan_jax.app.origins import Signing
from dagan_jax.console import log
from dagan_jax.console.options import add_flags, take_flags
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.animate',
    description='Moves portraits as videos move.',
  )
  add_flags(parser, Files)
  add_flags(parser, Settings)
  add_flags(parser, Signing)
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()

  def animate():
    options = (take_flags(flags, x) for x in (Files, Settings, Signing))
    animate_files(*options)

  sys.exit(exit_code(animate))


if __name__ == '__main__':
  main()
