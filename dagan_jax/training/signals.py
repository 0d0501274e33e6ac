"""Signals that ask a run to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import jax
from absl import logging


@contextmanager
def note_stop_signals() -> Iterator[list[int]]:
  """Gives a list that SIGINT or SIGTERM adds itself to; the next one kills.

  In a run of many hosts the list stays empty: the cluster tells all hosts to
  stop at the same step.
  """
  asked = []
  before = {}

  def note(number, _):
    asked.append(number)
    signal.signal(number, before[number])
    logging.info('stopping after this step; once more: at once')

  main = threading.current_thread() is threading.main_thread()
  if main and jax.process_count() == 1:
    for number in (signal.SIGINT, signal.SIGTERM):
      before[number] = signal.signal(number, note)
  try:
    yield asked
  finally:
    for number, handler in before.items():
      signal.signal(number, handler)
