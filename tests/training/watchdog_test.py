import os
import signal
import threading

from dagan_jax.training.watchdog import Watchdog


def test_a_step_that_takes_too_long_shows_where_it_stands(capfd, caplog):
  shown = threading.Event()
  with Watchdog(0.05, shown.set) as watchdog:
    watchdog.stepped(6)
    assert shown.wait(20.0)
  assert 'process 0 on ' in caplog.text
  assert 'nothing came of step 7 for 0 s' in caplog.text
  told = capfd.readouterr().err
  assert 'watchdog_test.py' in told  # this thread
  assert told.count('most recent call first') >= 2


def test_before_the_first_step_and_after_the_last_nothing_is_watched():
  shown = []
  with Watchdog(0.01, lambda: shown.append(1)) as watchdog:
    threading.Event().wait(0.05)
  watchdog.stepped(1)
  threading.Event().wait(0.05)
  assert not shown


def test_each_hang_is_told_once(caplog):
  twice = threading.Semaphore(0)
  with Watchdog(0.05, twice.release) as watchdog:
    watchdog.stepped(1)
    assert twice.acquire(timeout=20.0)
    assert not twice.acquire(timeout=0.2)
    watchdog.stepped(2)
    assert twice.acquire(timeout=20.0)


def test_zero_never_tells_but_a_signal_always_does(capfd):
  with Watchdog(0.0, lambda: None):
    os.kill(os.getpid(), signal.SIGUSR1)
  assert 'watchdog_test.py' in capfd.readouterr().err
