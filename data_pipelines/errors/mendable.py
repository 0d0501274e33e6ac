"""Errors that a user can mend, and how commands tell of them."""

import sys
from collections.abc import Callable


class MendableError(ValueError):
  """Says in one line what is wrong, and how the user can mend it.

  Commands print the message without a traceback and exit with code 2.
  """


class DataError(MendableError):
  """What is wrong with the user's data."""


def exit_code(
  command: Callable[[], int | None], *, stopped: str = 'stopped'
) -> int:
  """Runs a command; returns the exit code it gives, by default 0.

  An error that the user can mend is told in one line, and makes it 2; Ctrl-C is
  told by the word `stopped`, and makes it 130.
  """
  try:
    return command() or 0
  except MendableError as error:
    print(f'error: {error}', file=sys.stderr)
    return 2
  except KeyboardInterrupt:
    print(stopped, file=sys.stderr)
    return 130
