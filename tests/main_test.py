"""The command's flags, each in a process as a user starts it."""

import subprocess
import sys

import pytest

BASE = '--config=configs/base.py:debug'


def run(*flags):
  return subprocess.run(
    [sys.executable, '-m', 'dagan_jax.main', *flags],
    capture_output=True,
    text=True,
    timeout=60,
  )


@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    ([], '--config is missing'),
    (['--config=configs/no.py'], "No such file or directory: 'configs/no.py'"),
    (['--config=configs/base.py:tiny'], "has no variant 'tiny'"),
    ([BASE, '--config.data.imagesize=3'], "'imagesize'; did you mean 'image_"),
    ([BASE, '--config.dtaa.path=x'], "'dtaa'; did you mean 'data'"),
    ([BASE, '--config.data.zzz=x'], "the config has no field 'zzz'"),
    ([BASE, '--config.steps=soon'], '--config.steps=soon'),
    ([BASE, 'steps=3'], "'steps=3' is no flag"),
    ([BASE, '--mode=dance'], '--mode=dance'),
  ],
)
def test_a_wrong_command_is_one_line_and_code_2(flags, message):
  done = run(*flags)
  assert done.returncode == 2, done.stderr
  assert done.stderr.startswith('error: ')
  assert message in done.stderr
  assert done.stderr.count('\n') == 1


def test_help_names_the_flags():
  done = run('--help')
  assert '--workdir' in done.stdout
  assert 'Traceback' not in done.stderr


def test_looking_at_flags_needs_no_jax_and_no_tensorflow():
  code = 'import sys, dagan_jax.main; print(*sys.modules)'
  modules = subprocess.check_output(
    [sys.executable, '-c', code], text=True
  ).split()
  for package in ('tensorflow', 'jax', 'grain'):
    assert package not in modules
