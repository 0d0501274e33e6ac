"""Lets portraits speak.

`python -m dagan_jax.speak --source=portrait.png --audio=voice.wav
--output=out.mp4` from the shell.
"""

import argparse
import sys

from dagan_jax.app.origins import Signing
from dagan_jax.app.speaking import VoiceFiles, speak_files
from dagan_jax.console import log
from dagan_jax.console.options import add_flags, take_flags
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.errors.mendable import exit_code

OPTIONS = VoiceFiles, Acting, Settings, Signing


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.speak',
    description='Lets portraits speak.',
  )
  for options in OPTIONS:
    add_flags(parser, options)
  flags = parser.parse_args()
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()
  sys.exit(
    exit_code(
      lambda: speak_files(*(take_flags(flags, each) for each in OPTIONS))
    )
  )


if __name__ == '__main__':
  main()
