"""Errors that a user can mend, and how commands tell of them."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator


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

  An error that the user can mend is told in one line, and makes it 2. Ctrl-C,
  SIGTERM and SIGHUP all raise KeyboardInterrupt, so that whoever writes a file
  cleans up; they are told by the word `stopped`. They, and a command that
  raises Stopped and has told of it, make the code 128 + the signal's number, as
  a shell does.
  """
  with _signals_as_ctrl_c() as came:
    try:
      return _tell_how_it_ends(command)
    except KeyboardInterrupt:  # also while the end is being told
      print(stopped, file=sys.stderr)
      return 128 + (came or [signal.SIGINT])[0]


def _tell_how_it_ends(command: Callable[[], int | None]) -> int:
  try:
    return command() or 0
  except MendableError as error:
    print(f'error: {error}', file=sys.stderr)
    return 2
  except Stopped as stop:
    return 128 + stop.signal_number


@contextlib.contextmanager
def _signals_as_ctrl_c() -> Iterator[list[int]]:
  """Gives the list of those that came and would have ended us on the spot."""
  came, ours = [], []

  def interrupt(number, _):
    came.append(number)
    raise KeyboardInterrupt

  if threading.current_thread() is threading.main_thread():
    for number in (signal.SIGTERM, signal.SIGHUP):
      if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
        signal.signal(number, interrupt)
        ours.append(number)
  try:
    yield came
  finally:
    for number in ours:
      signal.signal(number, signal.SIG_DFL)
