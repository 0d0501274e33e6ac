"""Errors that a user can mend, and how commands tell of them."""

import sys
from collections.abc import Callable

from data_pipelines.errors import DataError


class UsageError(ValueError):
  """Says in one line what is wrong with a command, config or checkpoint."""


def exit_code(command: Callable[[], None]) -> int:
  """Runs a command; 2 for a user's error, told in one line; 130 for Ctrl-C."""
  try:
    command()
  except (UsageError, DataError) as error:
    print(f'error: {error}', file=sys.stderr)
    return 2
  except KeyboardInterrupt:
    print('stopped', file=sys.stderr)
    return 130
  return 0
