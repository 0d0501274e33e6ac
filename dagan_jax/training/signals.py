"""Signals that ask a run to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import jax
from absl import logging

from data_pipelines.errors.workers import STOPS


@contextmanager
def note_stop_signals() -> Iterator[list[int]]:
  """Gives a list that a stop adds itself to; the same once more ends at once.

  A stop is SIGINT or SIGTERM, or SIGHUP where that is not ignored.

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
    for number in STOPS:
      if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
        continue  # nohup: the run shall outlive its terminal
      before[number] = signal.signal(number, note)
  try:
    yield asked
  finally:
    for number, handler in before.items():
      signal.signal(number, handler)
