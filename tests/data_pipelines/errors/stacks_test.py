import os
import signal
import subprocess
import sys
import threading

from data_pipelines.errors.stacks import stacks_on_signal

_BUSY = """
import os, signal, sys, threading, time
from data_pipelines.errors.stacks import stacks_on_signal

def fall(depth):
  return fall(depth - 1) + 1 if depth else 0

def work():
  while True:
    fall(150)

for _ in range(4):
  threading.Thread(target=work, daemon=True).start()
with stacks_on_signal():
  for _ in range(150):
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.002)
os._exit(7)
"""


def test_threads_that_run_on_are_shown_and_nothing_crashes():
  run = [sys.executable, '-c', _BUSY]
  done = subprocess.run(run, capture_output=True, check=False)
  assert done.returncode == 7
  assert b'in fall' in done.stderr


def test_afterwards_all_is_as_before():
  handler = signal.getsignal(signal.SIGUSR1)
  count = threading.active_count()
  with stacks_on_signal():
    assert threading.active_count() == count + 1
    assert signal.getsignal(signal.SIGUSR1) != handler
  assert signal.getsignal(signal.SIGUSR1) == handler
  assert threading.active_count() == count


def test_a_process_that_is_asked_goes_on(capfd):
  with stacks_on_signal():
    os.kill(os.getpid(), signal.SIGUSR1)
  assert 'most recent call first' in capfd.readouterr().err
