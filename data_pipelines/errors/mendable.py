"""Errors that a user can mend, and how commands tell of them."""

import sys
from collections.abc import Callable


class MendableError(ValueError):
  """Says in one line what is wrong, and how the user can mend it.

  Commands print the message without a traceback and exit with code 2.
  """


class DataError(MendableError):
  """What is wrong with the user's data."""


class Stopped(Exception):
  """A signal asked for a stop, and all that was done is saved."""

  def __init__(self, signal_number: int):
    super().__init__(f'stopped by signal {signal_number}')
    self.signal_number = signal_number


def exit_code(
  command: Callable[[], int | None], *, stopped: str = 'stopped'
) -> int:
  """Runs a command; returns the exit code it gives, by default 0.

  An error that the user can mend is told in one line, and makes it 2; Ctrl-C is
  told by the word `stopped`, and makes it 130. A command that raises Stopped
  has told of it; it makes the code 128 + the signal's number, as a shell does.
  """
  try:
    return command() or 0
  except MendableError as error:
    print(f'error: {error}', file=sys.stderr)
    return 2
  except Stopped as stop:
    return 128 + stop.signal_number
  except KeyboardInterrupt:
    print(stopped, file=sys.stderr)
    return 130
