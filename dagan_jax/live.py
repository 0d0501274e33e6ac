"""Moves a portrait as you move, before a camera.

`python -m dagan_jax.live --source=portrait.png` from the shell.
"""

import argparse
import sys

from dagan_jax.app.live import DEFAULTS, LiveFiles, show_live
from dagan_jax.console import log
from dagan_jax.console.options import add_flags, take_flags
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from data_pipelines.errors.mendable import exit_code


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.live',
    description='Moves a portrait as you move, before a camera.',
  )
  add_flags(parser, LiveFiles)
  add_flags(parser, Settings, **DEFAULTS)
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()

  def show():
    show_live(*(take_flags(flags, each) for each in (LiveFiles, Settings)))

  sys.exit(exit_code(show))


if __name__ == '__main__':
  main()
