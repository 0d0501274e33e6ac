"""A process that does one thing after another, and is ended when it hangs.

What strangers send is opened there alone. A file that hangs, crashes or fills
the memory of the programs that read it costs its own job, and the next one gets
a new process.
"""

import contextlib
import logging as python_logging
import multiprocessing
import queue
import re
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tqdm import tqdm

from dagan_jax.console import log
from data_pipelines.errors.mendable import DataError, MendableError
from data_pipelines.errors.workers import end_with_parent

_START = 300.0  # seconds until a process is ready
_UNTOLD = 0.1  # seconds between two reports of how far a job is
_FOLDERS = re.compile(r'(?<![^\s\'"(=])/(?:[^/\s:,]+/)+')
_BROKEN = (EOFError, OSError)  # the process at the other end is gone

# Gives what does the work: a call of a request and of who is told about it.
Open = Callable[..., Callable[[Any, Callable[..., None]], Any]]


class Worker:
  """One process, started when it is first needed."""

  def __init__(self, opens: Open, *arguments: Any):
    """Args:
    opens: makes ready in the process; it and all else must be picklable.
    *arguments: its own.
    """
    self._opens, self._arguments = opens, arguments
    self._process: Any = None
    self._connection: Connection | None = None
    self._lock = threading.Lock()  # one request at a time
    self._is_stopped = False

  def start(self) -> None:
    """Starts the process and waits until it is ready.

    Raises:
      MendableError: what it says, where it cannot be.
    """
    with self._lock:
      self._start()

  def do(
    self,
    request: Any,
    seconds: float,
    tell: Callable[..., None] = lambda *_: None,
  ) -> Any:
    """What comes of a request.

    Args:
      request: picklable.
      seconds: that it may take.
      tell: is told how far it is.

    Raises:
      DataError: what is wrong with the request, or with its files.
    """
    with self._lock:
      self._start()
      self._is_stopped = False
      latest = time.monotonic() + seconds
      try:
        self._connection.send(request)
        while True:
          if not self._connection.poll(max(0.0, latest - time.monotonic())):
            self._end()
            raise DataError(
              f'not done within {seconds:g} seconds, and given up; send less'
            )
          kind, value = self._connection.recv()
          if kind == 'told':
            tell(*value)
          elif kind == 'done':
            return value
          else:
            raise DataError(value)
      except _BROKEN:
        self._end()
        if self._is_stopped:
          raise DataError('stopped') from None
        raise DataError(
          'given up, for this file ends the program that reads it; export it'
          ' again'
        ) from None

  def stop(self) -> None:
    """Ends what is being done; who waits for it is told."""
    process, self._is_stopped = self._process, True
    if process is not None:
      process.kill()

  def close(self) -> None:
    """Ends the process."""
    self.stop()
    with self._lock:
      self._end()

  def _start(self) -> None:
    if self._process is not None and self._process.is_alive():
      return
    self._end()
    context = multiprocessing.get_context('spawn')
    self._connection, theirs = context.Pipe()
    arguments = theirs, self._opens, self._arguments
    self._process = context.Process(target=_serve, args=arguments, daemon=True)
    self._process.start()
    theirs.close()
    try:
      if not self._connection.poll(_START):
        raise EOFError
      kind, value = self._connection.recv()
    except _BROKEN:
      self._end()
      raise DataError('the process that works did not start') from None
    if kind != 'ready':
      self._end()
      raise DataError(value)

  def _end(self) -> None:
    process, connection = self._process, self._connection
    self._process = self._connection = None
    if process is not None:
      process.kill()
      process.join()
      process.close()
    if connection is not None:
      connection.close()


class Crew:
  """Workers of one kind: what hangs holds one of them, and the others go on."""

  def __init__(self, count: int, opens: Open, *arguments: Any):
    """Each process is started when the others have something to do.

    Args:
      count: of workers.
      opens: see `Worker`.
      *arguments: its own.
    """
    self._workers = [Worker(opens, *arguments) for _ in range(count)]
    self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
    for worker in self._workers:
      self._idle.put(worker)

  def do(self, request: Any, seconds: float) -> Any:
    """What comes of a request, once a worker is idle; see `Worker.do`."""
    worker = self._idle.get()
    try:
      return worker.do(request, seconds)
    finally:
      self._idle.put(worker)

  def close(self) -> None:
    """Ends the processes."""
    for worker in self._workers:
      worker.close()


def _serve(connection: Connection, opens: Open, arguments: tuple) -> None:
  """The process's life."""
  signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent ends it
  end_with_parent()
  tqdm.set_lock(threading.RLock())  # its own would outlive a killed process
  log.quiet()
  try:
    do = opens(*arguments)
  except MendableError as error:
    connection.send(('refused', str(error)))
    return
  connection.send(('ready', None))
  while True:
    try:
      request = connection.recv()
    except _BROKEN:
      return
    with contextlib.suppress(*_BROKEN):
      connection.send(_try(do, request, connection))


def hide_folders(line: str) -> str:
  """A line without the folders of its files: they are no visitor's business."""
  return _FOLDERS.sub('', line)


def _try(do: Callable, request: Any, connection: Connection) -> tuple[str, Any]:
  """What comes of a request: ('done', it), or ('refused', why)."""
  last = 0.0

  def tell(*value: Any) -> None:
    nonlocal last
    if time.monotonic() - last > _UNTOLD:
      last = time.monotonic()
      connection.send(('told', value))

  try:
    return 'done', do(request, tell)
  except MendableError as error:
    return 'refused', hide_folders(str(error))
  except MemoryError:
    return 'refused', 'there is not enough memory for this; send less'
  except Exception:
    python_logging.exception('a job failed for a reason that nobody foresaw')
    return 'refused', (
      'it failed for a reason that nobody foresaw; the log of the server tells'
      ' more'
    )
