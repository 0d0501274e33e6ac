import errno
import fcntl
import importlib.util
import os
import subprocess
import sys

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import locks
from dagan_jax.runs.locks import lock_workdir

HOLD = """
import fcntl, sys
file = open(sys.argv[1], 'a+')
fcntl.flock(file, fcntl.LOCK_EX)
file.write('process 7 on another')
file.flush()
print('holds it', flush=True)
sys.stdin.read()
"""


def test_a_workdir_is_made_and_locked_and_free_again_afterwards(tmp_path):
  workdir = tmp_path / 'new' / 'w'
  for _ in range(2):
    with lock_workdir(workdir):
      told = (workdir / 'lock').read_text()
      assert told.startswith(f'process {os.getpid()} on ')
      with pytest.raises(UsageError, match=told.strip()), lock_workdir(workdir):
        pytest.fail('two at once')


def test_who_holds_the_lock_is_named_and_a_killed_one_holds_none(tmp_path):
  command = [sys.executable, '-c', HOLD, str(tmp_path / 'lock')]
  with subprocess.Popen(
    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
  ) as other:
    other.stdout.readline()
    line = r'\A[^\n]*process 7 on another is at work there[^\n]*\Z'
    with pytest.raises(UsageError, match=line), lock_workdir(tmp_path):
      pytest.fail('two at once')
    other.kill()
    other.wait()
    with lock_workdir(tmp_path):
      pass


def test_the_first_host_alone_locks_and_a_bucket_has_no_locks(
  tmp_path, monkeypatch
):
  with monkeypatch.context() as patch:
    patch.setattr(importlib.util, 'find_spec', lambda name: True)
    with lock_workdir('gs://bucket/w'):
      pass
  monkeypatch.setattr(locks.jax, 'process_index', lambda: 1)
  with lock_workdir(tmp_path / 'w'):
    assert not (tmp_path / 'w').exists()


def test_a_disk_without_locks_is_warned_of(tmp_path, monkeypatch, caplog):
  def fail(*_):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

  monkeypatch.setattr(fcntl, 'flock', fail)
  with lock_workdir(tmp_path):
    assert 'see yourself that nothing else trains there' in caplog.text


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path):
  (tmp_path / 'file').touch()
  with (
    pytest.raises(UsageError, match=r'\A[^\n]*cannot be written[^\n]*\Z'),
    lock_workdir(tmp_path / 'file' / 'w'),
  ):
    pytest.fail('there is no place')
