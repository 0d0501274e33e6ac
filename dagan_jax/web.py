"""Serves a page on which portraits are moved.

`python -m dagan_jax.web` from the shell, then http://127.0.0.1:7860 in a
browser.
"""

import argparse
import sys

from dagan_jax.app.origins import Signing
from dagan_jax.app.web.limits import Limits, Serving
from dagan_jax.app.web.serving import serve
from dagan_jax.console import log
from dagan_jax.console.options import add_flags, take_flags
from data_pipelines.errors.mendable import exit_code

OPTIONS = Serving, Limits, Signing


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.web',
    description='Serves a page on which portraits are moved.',
  )
  for options in OPTIONS:
    add_flags(parser, options)
  flags = parser.parse_args()
  log.quiet()
  sys.exit(
    exit_code(lambda: serve(*(take_flags(flags, each) for each in OPTIONS)))
  )


if __name__ == '__main__':
  main()
