import sys
from pathlib import Path

import pytest

from dagan_jax import doctor
from dagan_jax.errors import UsageError
from tests import tiny


def verdict(command: str) -> str:
  (line,) = [
    line for line in doctor.commands() if line.split('  ')[0] == command
  ]
  return line


def test_the_machine_the_packages_and_a_network_are_told(tmp_path):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config())
  lines = list(doctor.report(workdir))
  text = '\n'.join(lines)
  for words in ('dagan_jax 0.1.0', 'jax 0.', 'cores', '.mp4: libx264', 'cpu:'):
    assert words in text
  assert f'{workdir}: reenactment, 32 pixels, step 0' in lines
  assert lines[-1] == f'{workdir} animates'
  with pytest.raises(UsageError, match='no such workdir'):
    list(doctor.report(str(tmp_path / 'nowhere')))


def test_what_a_command_lacks_is_told_with_its_cure(monkeypatch):
  assert verdict('dagan_jax.animate').endswith('works')
  assert verdict('dagan_jax.main').endswith('works')
  monkeypatch.setitem(sys.modules, 'grain', None)
  assert "needs grain: pip install '.[train]'" in verdict('dagan_jax.main')
  assert verdict('dagan_jax.animate').endswith('works')


def test_every_extra_it_names_exists():
  setup = (Path(__file__).parent.parent / 'setup.py').read_text()
  for _, extra in doctor.COMMANDS.values():
    for name in filter(None, extra.split(',')):
      assert f"'{name}': [" in setup
