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


def test_any_other_error_is_a_mistake_of_ours():
  with pytest.raises(ValueError, match='ours'):
    exit_code(failing(ValueError('ours')))
