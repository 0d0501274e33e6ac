import sys
import types
from pathlib import Path

import pytest

from dagan_jax.app import health
from dagan_jax.console.errors import UsageError
from dagan_jax.inference import compile_cache
from data_pipelines.errors.mendable import DataError
from tests.support import tiny


def verdict(command: str) -> str:
  (line,) = [
    line for line in health.list_commands() if line.split('  ')[0] == command
  ]
  return line


def test_the_machine_the_packages_and_a_network_are_told(tmp_path):
  workdir = tiny.workdir(tmp_path / 'w', tiny.config())
  lines = list(health.describe(workdir))
  text = '\n'.join(lines)
  for words in ('dagan_jax 0.1.0', 'jax 0.', 'cores', '.mp4: libx264', 'cpu:'):
    assert words in text
  assert f'{workdir}: reenactment, 32 pixels, step 0' in lines
  assert lines[-1] == f'{workdir} animates'
  with pytest.raises(UsageError, match='no such workdir'):
    list(health.describe(str(tmp_path / 'nowhere')))


def programs_line():
  compile_cache.keep()
  (line,) = [line for line in health.describe() if 'compiled programs' in line]
  return line


def test_where_compiled_programs_are_is_told_and_how_much(setting, tmp_path):
  place = tmp_path / 'programs'
  setting('jax_compilation_cache_dir', str(place))
  told = f'compiled programs are kept in {place}, '
  assert programs_line() == f'{told}0 MiB by now'
  place.mkdir()
  for name in 'ab':
    (place / name).write_bytes(bytes(2**20))
  setting('jax_compilation_cache_max_size', 5 * 2**20)
  assert programs_line() == f'{told}2 MiB by now, at most 5 MiB'
  setting('jax_compilation_cache_dir', 'gs://bucket/programs')
  assert programs_line().endswith(' in gs://bucket/programs, at most 5 MiB')


@pytest.mark.parametrize(
  'name, value',
  [
    ('jax_enable_compilation_cache', False),
    ('jax_compilation_cache_max_size', 0),
    ('jax_compilation_cache_dir', ''),
  ],
)
def test_where_no_programs_are_kept_that_is_told(setting, name, value):
  setting(name, value)
  assert 'not kept' in programs_line()


def test_what_a_command_lacks_is_told_with_its_cure(monkeypatch):
  assert verdict('dagan_jax.animate').endswith('works')
  assert verdict('dagan_jax.main').endswith('works')
  monkeypatch.setitem(sys.modules, 'grain', None)
  assert "needs grain: pip install '.[train]'" in verdict('dagan_jax.main')
  monkeypatch.setitem(sys.modules, 'cv2', None)
  still = verdict('dagan_jax.animate --background=static')
  assert still.endswith("needs cv2: pip install '.[eval]'")
  assert verdict('dagan_jax.animate').endswith('works')


def test_what_finds_faces_is_told_or_what_brings_it(monkeypatch):
  def missing():
    raise DataError('install it')

  monkeypatch.setattr(health, 'face_finder', missing)
  assert health.describe_faces() == 'faces are not found: install it'
  finder = types.SimpleNamespace(name='mediapipe')
  monkeypatch.setattr(health, 'face_finder', lambda: finder)
  assert health.describe_faces() == 'faces are found by mediapipe'


def test_every_extra_it_names_exists():
  setup = (Path(__file__).parents[2] / 'setup.py').read_text()
  for _, extra in health.COMMANDS.values():
    for name in filter(None, extra.split(',')):
      assert f"'{name}': [" in setup
