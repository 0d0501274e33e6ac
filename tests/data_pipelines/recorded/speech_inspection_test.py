"""What is wrong with a data set of speeches."""

import json
import shutil
import sys

import numpy as np
import pytest

from data_pipelines import inspect
from data_pipelines.recorded import speech_inspection
from data_pipelines.recorded.speech_list import NAME, SpeechList
from tests.support import built_speakers


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


@pytest.fixture(scope='module')
def built(tmp_path_factory):
  folder = tmp_path_factory.mktemp('out')
  built_speakers.build(folder)
  return folder / 'speakers/speech/1.0.0'


@pytest.fixture
def folder(built, tmp_path):
  return shutil.copytree(built, tmp_path / 'copy')


def find_problems(folder):
  return list(speech_inspection.problems(folder, SpeechList.read(folder)))


def change_list(folder, change):
  fields = json.loads((folder / NAME).read_text())
  change(fields['splits'])
  (folder / NAME).write_text(json.dumps(fields))


def run(monkeypatch, *flags):
  monkeypatch.setattr(sys, 'argv', ['inspect', *flags])
  with pytest.raises(SystemExit) as ended:
    inspect.main()
  return ended.value.code


def test_a_whole_data_set_has_no_problem(folder, monkeypatch, capsys):
  assert run(monkeypatch, f'--path={folder.parent}') == 0
  told = capsys.readouterr().out
  assert 'problems: none' in told
  assert told.splitlines()[2].split() == ['train', '3', '3', '2', '0.00']


def test_a_sheet_of_frames_is_asked_for_in_vain(folder, monkeypatch, capsys):
  flags = f'--path={folder}', f'--contact_sheet={folder / "sheet.png"}'
  assert run(monkeypatch, *flags) == 2
  assert 'contact_sheet.png beside them' in capsys.readouterr().err


def test_damaged_bytes_are_found_with_their_place(folder):
  (shard,) = folder.glob('*train*')
  content = bytearray(shard.read_bytes())
  middle = len(content) // 4
  content[middle : middle + 4000] = bytes(4000)
  shard.write_bytes(content)
  first, *others = find_problems(folder)
  assert 'SHA-256 differs' in first
  assert any('speech train_speaker' in line for line in others)


def test_what_is_listed_otherwise_is_found(folder):
  def rename(splits):
    splits['train']['speeches'][1]['identity'] = 'somebody'
    splits['test']['speeches'].pop()

  change_list(folder, rename)
  told = '\n'.join(find_problems(folder))
  assert 'speech train_speaker1: it is train_speaker1 of train_speaker1' in told
  assert '0 test speeches are listed, 1 are there' in told


def test_a_person_of_every_split_is_found(folder):
  def share(splits):
    for split in splits.values():
      split['speeches'][0]['identity'] = 'everybody'

  change_list(folder, share)
  assert 'everybody speaks in every split' in find_problems(folder)


def test_missing_files_are_found(folder):
  (folder / 'features.json').unlink()
  (shard,) = folder.glob('*test*')
  shard.unlink()
  told = find_problems(folder)
  assert 'features.json is missing' in told[0]
  assert any('there is no such file' in line for line in told)
  assert np.all([len(line.splitlines()) == 1 for line in told])
