import dataclasses
import sys

import pytest

from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.builders.work import beam_work
from data_pipelines.builders.writing import tfds_writer
from data_pipelines.errors.mendable import DataError


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


def files(folder):
  return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_several_processes_of_beam_write_the_same_bytes(tmp_path, monkeypatch):
  pytest.importorskip('apache_beam')
  monkeypatch.setattr(tfds_writer, 'SHARD', 1)  # byte: a shard for each clip
  plain = Settings(
    name='synthetic',
    out=str(tmp_path / 'alone'),
    identities=13,
    clip_frames=2,
    size=16,
    jobs=1,
  )
  data_set.build(plain)
  with_beam = dataclasses.replace(
    plain, out=str(tmp_path / 'beam'), beam_runner='DirectRunner', jobs=2
  )
  data_set.build(with_beam)
  place = 'synthetic/16/1.0.0'
  alone, beam = (
    files(tmp_path / 'alone' / place),
    files(tmp_path / 'beam' / place),
  )
  assert len([name for name in alone if 'train' in name]) == 12
  assert beam == alone


def test_options_become_flags_of_beam():
  pytest.importorskip('apache_beam')
  options = 'direct_num_workers=5,flink_master=here:8081,streaming'
  known = beam_work.settings('DirectRunner', options, 2)['beam_options']
  told = known.get_all_options()
  assert told['direct_num_workers'] == 5 and told['streaming'] is True
  assert told['direct_running_mode'] == 'multi_processing'


def test_without_beam_it_says_what_to_install(monkeypatch):
  monkeypatch.setitem(sys.modules, 'apache_beam', None)
  with pytest.raises(DataError, match=r"\A[^\n]*'dagan_jax\[beam\]'[^\n]*\Z"):
    beam_work.settings('FlinkRunner', '', 2)
