"""Ends a process that cannot end by itself, as one whose main thread waits."""

import os
import sys
from typing import NoReturn


def end_process(code: int) -> NoReturn:
  """Ends this process on the spot; what it has printed is seen."""
  sys.stdout.flush()
  sys.stderr.flush()
  os._exit(code)
