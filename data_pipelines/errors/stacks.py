"""Shows where all threads of a process stand when SIGUSR1 asks for it."""

import contextlib
import faulthandler
import signal
import socket
import sys
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def stacks_on_signal() -> Iterator[None]:
  """Inside, SIGUSR1 makes the process show its stacks, and go on.

  It is entered by the main thread. A thread of its own shows them, which holds
  Python's lock meanwhile: a signal handler that looks at the frames of threads
  which run on may crash the process. So they are shown while the main thread
  waits for a library, too.
  """
  ears, mouth = socket.socketpair()
  mouth.setblocking(False)
  # Python writes the number of each signal there, in whatever it is stuck.
  awake = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
  before = signal.signal(signal.SIGUSR1, lambda *_: None)
  thread = threading.Thread(target=_show, args=(ears,), daemon=True)
  thread.start()
  try:
    yield
  finally:
    signal.signal(signal.SIGUSR1, before)
    signal.set_wakeup_fd(awake)
    mouth.close()
    thread.join()
    ears.close()


def _show(ears: socket.socket) -> None:
  while numbers := ears.recv(64):
    if signal.SIGUSR1 in numbers:
      faulthandler.dump_traceback(sys.__stderr__)
