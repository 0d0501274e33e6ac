"""Tells where a process stands that does not come on any more."""

import faulthandler
import socket
import sys
import threading
import time
from collections.abc import Callable

import jax
from absl import logging

from dagan_jax.console import progress
from data_pipelines.errors.stacks import stacks_on_signal


class Watchdog:
  """Shows the stacks of this process when a step takes far too long.

  Of many processes that wait for one another, each shows its own: the one that
  does not wait in a step is the one that hangs. `kill -USR1` shows them at any
  time. Nothing is ended, for a long evaluation may look the same.
  """

  def __init__(self, seconds: float, show_others: Callable[[], None]):
    """Until the first step nothing is watched.

    Args:
      seconds: after which a step takes far too long; 0: never.
      show_others: makes the processes that work for this one show theirs.
    """
    self._seconds, self._show_others = seconds, show_others
    self._moment: float | None = None
    self._step = 0
    self._left = threading.Event()
    self._signal = stacks_on_signal()
    self._thread = threading.Thread(target=self._watch, daemon=True)

  def __enter__(self) -> 'Watchdog':
    self._signal.__enter__()
    if self._seconds:
      self._thread.start()
    return self

  def __exit__(self, *_) -> None:
    self._left.set()
    if self._seconds:
      self._thread.join()
    self._signal.__exit__(None, None, None)

  def stepped(self, step: int) -> None:
    """So many steps are done, and the next one begins."""
    self._step, self._moment = step, time.monotonic()

  def _watch(self) -> None:
    told = None
    while not self._left.wait(min(self._seconds / 4, 10.0)):
      moment = self._moment
      if moment in (None, told) or time.monotonic() - moment < self._seconds:
        continue
      told = moment
      logging.warning(
        'process %d on %s: nothing came of step %d for %s. It stands here, the'
        ' thread that trains comes last:',
        jax.process_index(),
        socket.gethostname(),
        self._step + 1,
        progress.duration(self._seconds),
      )
      faulthandler.dump_traceback(sys.__stderr__)
      self._show_others()
