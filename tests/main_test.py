"""The command's flags, each in a process as a user starts it."""

import subprocess
import sys

import pytest
from ml_collections import ConfigDict

from dagan_jax import main

BASE = '--config=configs/base.py:debug'


def run(*flags):
  return subprocess.run(
    [sys.executable, '-m', 'dagan_jax.main', *flags],
    capture_output=True,
    text=True,
    timeout=120,
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
    ([BASE, '--processes=0'], '--processes=0'),
    ([BASE, '--processes=2'], 'add --coordinator=HOST:PORT (of process 0) and'),
    (
      [
        BASE,
        '--coordinator=127.0.0.1:9',
        '--processes=2',
        '--process=1',
        '--join_seconds=1',
      ],
      'process 1 of 2 did not reach process 0 at 127.0.0.1:9 within 1 s',
    ),
  ],
)
def test_a_wrong_command_is_one_line_and_code_2(flags, message):
  done = run(*flags)
  assert done.returncode == 2, done.stderr
  assert done.stderr.startswith('error: ')
  assert message in done.stderr
  assert done.stderr.count('\n') == 1


@pytest.mark.parametrize('error', ['ValueError', 'AssertionError', 'KeyError'])
def test_a_config_that_raises_without_words_is_told_by_its_line(
  error, tmp_path
):
  path = tmp_path / 'silent.py'
  path.write_text(f'def get_config():\n  raise {error}\n')
  done = run(f'--config={path}')
  assert done.returncode == 2 and done.stderr.count('\n') == 1
  assert f'{error} without words: File "{path}", line 2' in done.stderr


def test_a_config_that_raises_as_a_wrong_field_does_is_one_line(tmp_path):
  (tmp_path / 'a.py').write_text("def get_config():\n  return {}['b']\n")
  done = run(f'--config={tmp_path}/a.py')
  assert done.returncode == 2 and done.stderr == "error: 'b'\n"


def test_home_may_be_written_short_in_any_path_of_a_config(monkeypatch):
  monkeypatch.setenv('HOME', '/home/me')
  config = ConfigDict({'data': {'path': '~/clips', 'size': 3}, 'task': 'a~'})
  main._expand_home(config.lock())
  assert config.data.path == '/home/me/clips'
  assert (config.data.size, config.task) == (3, 'a~')


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
