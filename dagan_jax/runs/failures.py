"""What fails on one process of a run ends all of them, with its message.

The others wait in a collective for who will never come: on a GPU or a TPU for
ever. So each process has a thread that looks every second at a board, which
JAX's coordination service keeps. Who fails writes there what happened, and who
reads it tells it and ends. Process 0 keeps the board: it goes last.
"""

import contextlib
import json
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any, NoReturn

import jax
from jax._src import distributed

from data_pipelines.errors.ending import end_process
from data_pipelines.errors.mendable import MendableError, Stopped

BEAT = 1.0  # seconds between two looks at the board
SILENCE = 30.0  # seconds without a sign of life, after which a process is dead
ECHO = 5.0  # seconds in which another's failure, the cause of ours, is told
_FAILURE, _ALIVE, _SEEN = (
  f'dagan_jax/{name}' for name in ('failure', 'alive', 'seen')
)
_DONE = 'done'

_sharing = False  # within `share_failures`


@contextlib.contextmanager
def share_failures() -> Iterator[None]:
  """Within it, an error on one process ends all with the first one's message.

  The one that fails does not come back either: it has told its error, and a
  normal end would wait for the others. A run of one process raises as ever.
  `Stopped` passes: all processes stop at the same step.
  """
  global _sharing
  if _sharing or jax.process_count() == 1:
    yield
    return
  _sharing = True
  board = Board(
    distributed.global_state.client, jax.process_index(), jax.process_count()
  )
  board.start()
  try:
    yield
  except Stopped:
    raise
  except BaseException as error:
    board.fail(error)
  finally:
    board.leave()
    _sharing = False


class Board:
  """What the processes of a run tell one another beside their collectives."""

  def __init__(self, client: Any, index: int, count: int):
    """`client` is of JAX's coordination service, which keeps the board."""
    self._client, self._index, self._count = client, index, count
    self._left = threading.Event()
    self._ending = threading.Lock()  # two threads may want to
    self._thread = threading.Thread(target=self._watch, daemon=True)
    self._heard: dict[str, tuple[str, float]] = {}

  def start(self) -> None:
    """From now on this process is alive, and listens."""
    self._thread.start()

  def leave(self) -> None:
    """This process is through: its silence means nothing any more."""
    self._left.set()
    self._thread.join()
    with contextlib.suppress(jax.errors.JaxRuntimeError):
      self._write(f'{_ALIVE}/{self._index}', _DONE)

  def fail(self, error: BaseException) -> NoReturn:
    """Tells all of `error`, unless another failure came first, and ends."""
    if not isinstance(error, MendableError | KeyboardInterrupt):
      # Perhaps what is left of a collective whose other side has failed.
      last_moment = time.monotonic() + ECHO
      while not self._first() and time.monotonic() < last_moment:
        time.sleep(0.1)
      if not self._first():
        traceback.print_exception(error)
    mendable = isinstance(error, MendableError)
    text = str(error) if mendable else _one_line_of(error)
    self._write_first(text, 2 if mendable else 1)
    self._end(self._first() or {'text': text, 'code': 1})

  def _watch(self) -> None:
    beats = 0
    while not self._left.wait(BEAT):
      beats += 1
      try:
        self._write(f'{_ALIVE}/{self._index}', str(beats))
        if not self._index and (silent := self._silent()):
          self._write_first(
            f'{silent} gives no sign of life: was it killed?', 1
          )
        first = self._first()
      except jax.errors.JaxRuntimeError:
        continue  # JAX itself ends us where process 0 is gone
      if first:
        self._end(first)

  def _silent(self) -> str:
    """Names a process that gives no sign of life; '' for none."""
    now = time.monotonic()
    for index in range(1, self._count):
      key = f'{_ALIVE}/{index}'
      beat = self._read(key) or ''
      before, since = self._heard.get(key, (None, now))
      if beat != before:
        self._heard[key] = beat, now
      elif beat != _DONE and now - since > SILENCE:
        return f'process {index}'
    return ''

  def _end(self, failure: dict[str, Any]) -> NoReturn:
    self._ending.acquire()  # for ever: whoever comes second waits for the end
    who = failure.get('who')
    mine = failure.get('index') == self._index
    line = failure['text'] if mine or not who else f'{who}: {failure["text"]}'
    print(f'error: {line}', file=sys.stderr, flush=True)
    with contextlib.suppress(jax.errors.JaxRuntimeError):
      self._write(f'{_SEEN}/{self._index}', '')
      last_moment = time.monotonic() + 10.0
      while (
        not self._index
        and len(self._client.key_value_dir_get(_SEEN)) < self._count
        and time.monotonic() < last_moment
      ):
        time.sleep(0.1)
    end_process(failure['code'])

  def _first(self) -> dict[str, Any] | None:
    text = self._read(_FAILURE)
    return json.loads(text) if text else None

  def _write_first(self, text: str, code: int) -> None:
    failure = {
      'index': self._index,
      'who': f'process {self._index} on {socket.gethostname()}',
      'text': text,
      'code': code,
    }
    with contextlib.suppress(jax.errors.JaxRuntimeError):  # another was faster
      self._client.key_value_set(
        _FAILURE, json.dumps(failure), allow_overwrite=False
      )

  def _write(self, key: str, value: str) -> None:
    self._client.key_value_set(key, value, allow_overwrite=True)

  def _read(self, key: str) -> str | None:
    try:
      return self._client.key_value_try_get(key)
    except jax.errors.JaxRuntimeError as error:
      if 'NOT_FOUND' in str(error):
        return None
      raise


def _one_line_of(error: BaseException) -> str:
  lines = f'{type(error).__name__}: {error}'.splitlines()
  return lines[0][:500]
