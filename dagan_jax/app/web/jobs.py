"""The line of jobs: one is done, some wait, and all others are refused."""

import collections
import pathlib
import shutil
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from absl import logging

from dagan_jax.app.web.requests import Made, Request
from dagan_jax.app.web.worker import Worker
from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import DataError

# By the unit of a progress bar: what is done then.
_STAGES = {
  'frame watched': 'watching the video',
  'frame acted': 'listening to the voice',
  'frame': 'drawing',
}
_DRAWING = _STAGES['frame']
STOPPED = 'stopped'


class State(NamedTuple):
  """How a job is."""

  before: int  # jobs that will be done before it
  stage: str = ''  # what is being done of it; '': nothing yet
  share: float = 0.0  # of this stage that is done
  left: float | None = None  # seconds until it is done, as far as one knows


class Job:
  """A request in line, and what comes of it."""

  def __init__(self, request: Request, folder: pathlib.Path):
    """Takes over the folder: it is removed with the job."""
    self.request, self.folder = request, folder
    self.made: Made | None = None
    self.error = ''
    self.is_over = False
    self.paces: dict[str, float] = {}  # seconds a frame, by stage
    self._stage, self._began, self._done, self._total = '', 0.0, 0, None
    self._first = 0

  def tell(self, unit: str, done: int, total: int | None) -> None:
    """Takes how far it is."""
    stage = _STAGES.get(unit, 'working')
    if stage != self._stage or done < self._done:
      self._stage, self._began, self._first = stage, time.monotonic(), done
    self._done, self._total = done, total
    if done > self._first:
      passed = time.monotonic() - self._began
      self.paces[stage] = passed / (done - self._first)

  def describe(
    self, before: int, usual: Mapping[str, float] = MappingProxyType({})
  ) -> State:
    """How it is.

    Args:
      before: how many others will be done before it.
      usual: the paces of earlier jobs.
    """
    if before or not self._stage:
      return State(before, 'beginning' if not before else '')
    if not self._total:
      return State(0, self._stage)
    left, pace = None, self.paces.get(self._stage)
    if pace is not None:
      left = pace * (self._total - self._done)
      if self._stage != _DRAWING and _DRAWING in usual:
        left += usual[_DRAWING] * self._total
    return State(0, self._stage, min(1.0, self._done / self._total), left)

  def remove(self) -> None:
    """Removes its folder; what was made is gone then."""
    shutil.rmtree(self.folder, ignore_errors=True)


class Line:
  """Does jobs one after another, in the order in which they came."""

  def __init__(self, worker: Worker, most_waiting: int, seconds: float):
    """Args:
    worker: does them.
    most_waiting: how many may wait.
    seconds: that each may take.
    """
    self._worker, self._most, self._seconds = worker, most_waiting, seconds
    self._waiting: collections.deque[Job] = collections.deque()
    self._running: Job | None = None
    self._changed = threading.Condition()
    self._usual: dict[str, float] = {}
    self._is_closed = False
    self._thread = threading.Thread(target=self._work, daemon=True)

  def __enter__(self) -> 'Line':
    self._thread.start()
    return self

  def __exit__(self, *_) -> None:
    with self._changed:
      self._is_closed = True
      self._changed.notify()
    self._worker.close()
    self._thread.join()

  def make_ready(self) -> None:
    """Starts what does the jobs; raises MendableError where it cannot be."""
    self._worker.start()

  def check_room(self) -> None:
    """Raises UsageError where no further job may wait."""
    if len(self._waiting) >= self._most:
      raise UsageError(
        f'{self._most} jobs are waiting, which is the most; come back later'
      )

  def add(self, job: Job) -> None:
    """Lets a job wait; raises UsageError where too many do."""
    with self._changed:
      self.check_room()
      self._waiting.append(job)
      self._changed.notify()

  def describe(self, job: Job) -> State:
    """How a job is."""
    with self._changed:
      if job is self._running or job not in self._waiting:
        return job.describe(0, self._usual)
      ahead = self._waiting.index(job) + (self._running is not None)
      return job.describe(ahead)

  def stop(self, job: Job) -> None:
    """Ends a job, whether it waits or is being done."""
    with self._changed:
      if job in self._waiting:
        self._waiting.remove(job)
        job.error, job.is_over = STOPPED, True
      elif job is self._running:
        self._worker.stop()

  def _work(self) -> None:
    while True:
      with self._changed:
        while not self._waiting and not self._is_closed:
          self._changed.wait()
        if self._is_closed:
          return
        job = self._running = self._waiting.popleft()
      try:
        job.made = self._worker.do(job.request, self._seconds, job.tell)
      except DataError as error:
        job.error = str(error)
      except Exception:  # the line goes on, whatever a job is
        logging.exception('a job could not be handed on')
        job.error = 'this cannot be done; the log of the server tells more'
      with self._changed:
        self._usual |= job.paces
        self._running, job.is_over = None, True
