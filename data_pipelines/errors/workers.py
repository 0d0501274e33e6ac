"""Worker processes: they end with their parent, and not before."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator

from data_pipelines.errors.stacks import stacks_on_signal

_LASTING = contextlib.ExitStack()  # until the process ends

# What a terminal, a shell or a cluster sends to all processes of a run at once.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def deaf_to_stops() -> Iterator[None]:
  """Processes that are started meanwhile do not end at a stop of the group.

  They inherit what is blocked here, from their first moment on, threads that
  start them included. Here a stop takes effect when the block ends.
  """
  before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
  try:
    yield
  finally:
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def show_workers(name: str) -> None:
  """Makes workers of this process whose names begin so show their stacks."""
  for process in multiprocessing.active_children():
    if process.name.startswith(name):
      os.kill(process.pid, signal.SIGUSR1)


def end_with_parent() -> None:
  """Ends this worker process when the one that started it has ended.

  From here on it also shows its stacks when `show_workers` asks for them.
  """
  _LASTING.enter_context(stacks_on_signal())
  threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
  multiprocessing.parent_process().join()
  signal.raise_signal(signal.SIGKILL)  # others are ignored, perhaps
