import json

import jax
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.runs import failures
from dagan_jax.runs.failures import Board, share_failures
from data_pipelines.errors.mendable import Stopped
from tests.support.processes import run_together

# Two processes meet in one collective after the other; in the third round
# process 1 does what its first argument says.
ROUNDS = """
import os, sys
import jax
from dagan_jax.console.errors import UsageError
from dagan_jax.runs import failures, hosts
from dagan_jax.runs.joining import together

failures.SILENCE = 3.0

@together
def work():
  for round in range(10):
    if round == 3 and jax.process_index() == 1:
      exec(sys.argv[1])
    hosts.gather(round)

work()
"""


class Service:
  """JAX's coordination service, as one process's client sees it."""

  def __init__(self):
    self.kept = {}

  def key_value_set(self, key, value, *, allow_overwrite):
    if key in self.kept and not allow_overwrite:
      raise jax.errors.JaxRuntimeError('ALREADY_EXISTS')
    self.kept[key] = value

  def key_value_try_get(self, key):
    if key not in self.kept:
      raise jax.errors.JaxRuntimeError('NOT_FOUND')
    return self.kept[key]

  def key_value_dir_get(self, folder):
    return [(k, v) for k, v in self.kept.items() if k.startswith(folder)]


class Ended(BaseException):
  pass


@pytest.fixture
def board(monkeypatch):
  """That of process 1 of 2; the end of the process is raised as `Ended`."""

  def end(code):
    raise Ended(code)

  monkeypatch.setattr(failures, 'end_process', end)
  monkeypatch.setattr(failures, 'ECHO', 0.0)
  return Board(Service(), 1, 2)


def test_an_error_on_one_process_ends_all_with_its_message():
  first, second = run_together(ROUNDS, 2, "raise UsageError('no such clip')")
  assert (first.code, second.code) == (2, 2)
  assert second.told.endswith('error: no such clip\n')
  assert 'error: process 1 on ' in first.told
  assert first.told.endswith(': no such clip\n')
  assert 'Traceback' not in first.told + second.told


def test_a_process_that_is_killed_ends_the_others():
  first, second = run_together(ROUNDS, 2, 'os.kill(os.getpid(), 9)')
  assert second.code == -9
  assert first.code == 1
  assert 'error: ' in first.told


def test_an_error_of_our_own_code_is_told_with_its_traceback_once(
  board, capsys
):
  with pytest.raises(Ended, match='1'):
    board.fail(KeyError('name'))
  told = capsys.readouterr().err
  assert told.count('KeyError') == 2 and told.endswith("KeyError: 'name'\n")


def test_what_follows_from_anothers_failure_is_not_told(board, capsys):
  said = {'index': 0, 'who': 'process 0 on a', 'text': 'full', 'code': 2}
  board._client.kept['dagan_jax/failure'] = json.dumps(said)
  with pytest.raises(Ended, match='2'):
    board.fail(ValueError('Gloo all-reduce failed'))
  assert capsys.readouterr().err == 'error: process 0 on a: full\n'


def test_the_first_of_two_failures_is_told_by_both():
  service = Service()
  one, two = Board(service, 0, 2), Board(service, 1, 2)
  one._write_first('disk full', 2)
  two._write_first('connection lost', 1)
  assert one._first() == two._first()
  assert one._first()['text'] == 'disk full'


def test_a_silent_process_is_named_but_not_one_that_is_through(monkeypatch):
  service = Service()
  board = Board(service, 0, 3)
  now = 0.0
  monkeypatch.setattr(failures.time, 'monotonic', lambda: now)
  for beat in range(50):
    now = float(beat)
    service.kept['dagan_jax/alive/1'] = 'done'
    service.kept['dagan_jax/alive/2'] = str(min(beat, 10))
    silent = board._silent()
    assert silent == ('process 2' if beat > 10 + failures.SILENCE else '')


def test_a_run_of_one_process_raises_as_ever_and_a_stop_passes(monkeypatch):
  with pytest.raises(UsageError, match='mine'), share_failures():
    raise UsageError('mine')
  monkeypatch.setattr(jax, 'process_count', lambda: 2)
  monkeypatch.setattr(failures.distributed.global_state, 'client', Service())
  with pytest.raises(Stopped), share_failures(), share_failures():
    raise Stopped(15)
