import os
import signal

import pytest

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.mendable import (
  DataError,
  Stopped,
  exit_code,
)


def failing(error):
  def command():
    raise error

  return command


@pytest.mark.parametrize('given, code', [(None, 0), (0, 0), (1, 1)])
def test_a_command_may_give_its_own_code(given, code, capsys):
  assert exit_code(lambda: given) == code
  assert capsys.readouterr() == ('', '')


@pytest.mark.parametrize('kind', [DataError, UsageError])
def test_what_a_user_can_mend_is_one_line_and_makes_it_2(kind, capsys):
  assert exit_code(failing(kind('a.mp4: no video'))) == 2
  assert capsys.readouterr() == ('', 'error: a.mp4: no video\n')


def test_a_stop_says_what_the_command_wants_said(capsys):
  assert exit_code(failing(KeyboardInterrupt())) == 130
  assert exit_code(failing(KeyboardInterrupt()), stopped='go on') == 130
  assert capsys.readouterr().err == 'stopped\ngo on\n'


def test_a_stop_by_a_signal_makes_128_and_the_signals_number(capsys):
  assert exit_code(failing(Stopped(15))) == 143
  assert capsys.readouterr() == ('', '')


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_unwinds_as_ctrl_c_does_and_leaves_its_number(number, capsys):
  before = signal.signal(number, signal.SIG_DFL)  # nohup ignores SIGHUP
  cleaned = []

  def command():
    try:
      os.kill(os.getpid(), number)
      pytest.fail('it goes on')
    finally:
      cleaned.append(True)

  try:
    assert exit_code(command) == 128 + number
    assert cleaned and capsys.readouterr().err == 'stopped\n'
    assert signal.getsignal(number) == signal.SIG_DFL
  finally:
    signal.signal(number, before)


def test_a_signal_that_comes_while_an_error_is_told_is_a_stop_too(capsys):
  class StoppedWhileTold(DataError):
    def __str__(self):
      os.kill(os.getpid(), signal.SIGTERM)
      return 'never told'

  assert exit_code(failing(StoppedWhileTold())) == 128 + signal.SIGTERM
  assert capsys.readouterr().err == 'stopped\n'


def test_a_signal_that_was_ignored_before_stays_ignored():
  before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
  try:
    assert exit_code(lambda: os.kill(os.getpid(), signal.SIGHUP)) == 0
  finally:
    signal.signal(signal.SIGHUP, before)


def test_any_other_error_is_a_mistake_of_ours():
  with pytest.raises(ValueError, match='ours'):
    exit_code(failing(ValueError('ours')))
