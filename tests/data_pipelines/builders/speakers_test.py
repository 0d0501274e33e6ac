"""A data set of rendered speakers, from the command to its records."""

import numpy as np
import pytest
from array_record.python.array_record_module import ArrayRecordReader
from ml_collections import ConfigDict

from data_pipelines.builders import data_set
from data_pipelines.builders.data_set import Settings
from data_pipelines.errors.mendable import DataError
from data_pipelines.media.voice import FRAME
from data_pipelines.reading.clips import Clip
from data_pipelines.reading.recorded_clips import TfdsClips
from data_pipelines.recorded.manifest import Manifest, Shard, sha256
from data_pipelines.recorded.speech_list import SpeechList
from data_pipelines.recorded.speeches import pack_speech, parse_speech
from tests.support import built_speakers

FRAMES = 50


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


@pytest.fixture(scope='module')
def out(tmp_path_factory):
  folder = tmp_path_factory.mktemp('out')
  built_speakers.build(folder)
  return folder


@pytest.fixture(scope='module')
def folder(out):
  return out / 'speakers/speech/1.0.0'


def read_all(folder, split):
  names = SpeechList.read(folder).splits[split].shards
  return [
    record
    for name in names
    for record in ArrayRecordReader(str(folder / name)).read_all()
  ]


def test_the_list_tells_what_the_records_are(folder):
  found = SpeechList.read(folder).splits
  assert {name: len(each.speeches) for name, each in found.items()} == {
    'train': 3,
    'test': 1,
  }
  for split, (shards, listed) in found.items():
    speeches = [parse_speech(record) for record in read_all(folder, split)]
    assert [each.name for each in speeches] == [each.name for each in listed]
    assert {each.frames for each in (*speeches, *listed)} == {FRAMES}
    for name, shard in shards.items():
      assert shard == Shard(shard.records, sha256(folder / name))


def test_a_record_holds_sound_motion_and_phones_of_the_same_time(folder):
  for record in read_all(folder, 'train'):
    speech = parse_speech(record)
    assert speech.waveform.shape == (FRAMES * FRAME,)
    assert np.abs(speech.waveform).max() > 500
    assert speech.expression.shape == (FRAMES, 64)
    assert speech.pose.shape == (FRAMES, 6)
    assert speech.gaze.shape == (FRAMES, 2)
    assert speech.phones[0].start == 0
    assert speech.phones[-1].end == pytest.approx(FRAMES / 25)
    assert speech.text and speech.voice and speech.language


def test_records_are_those_that_this_project_packs(folder):
  record = read_all(folder, 'test')[0]
  speech = parse_speech(record)
  again = parse_speech(pack_speech(speech))
  for one, other in zip(speech, again, strict=True):
    np.testing.assert_array_equal(one, other)


def test_tfds_reads_them_as_well(folder):
  import tensorflow_datasets as tfds

  builder = tfds.builder_from_directory(folder)
  source = builder.as_data_source('test')
  (example,) = source
  speech = parse_speech(read_all(folder, 'test')[0])
  np.testing.assert_array_equal(example['waveform'], speech.waveform)
  np.testing.assert_array_equal(example['expression'], speech.expression)
  assert len(example['phone_times']) == len(speech.phones)


def test_the_same_command_builds_the_same_bytes_and_only_once(
  out, folder, tmp_path, monkeypatch
):
  built_speakers.build(tmp_path)
  again = tmp_path / folder.relative_to(out)
  for path in folder.iterdir():
    assert (again / path.name).read_bytes() == path.read_bytes(), path.name
  from data_pipelines.builders.work import spoken_clips

  def refuse(*args):
    raise AssertionError('it is there')

  monkeypatch.setattr(spoken_clips, 'talk', refuse)
  built_speakers.build(tmp_path)


def test_a_stopped_build_goes_on(tmp_path, monkeypatch):
  from data_pipelines.builders.work import spoken_clips

  made, talk = [], spoken_clips.talk

  def stop(*args):
    if len(made) == 2:
      raise KeyboardInterrupt
    made.append(args)
    return talk(*args)

  spoken_clips._perform.cache_clear()
  with monkeypatch.context() as patch:
    patch.setattr(spoken_clips, 'talk', stop)
    with pytest.raises(KeyboardInterrupt):
      built_speakers.build(tmp_path)
  told = built_speakers.build(tmp_path)
  assert 'train: 3 speeches of 3 people' in told


def test_pictures_are_a_data_set_of_clips_beside_the_speeches(tmp_path):
  built_speakers.build(
    tmp_path, speakers=2, test_fraction=0.5, frames=5, size=32
  )
  data = ConfigDict({'path': str(tmp_path / 'speakers/32'), 'image_size': 32})
  clips = TfdsClips(data, 'train')
  assert clips.clips == (Clip('train_speaker0', 'train_speaker0', 5),)
  assert Manifest.read(tmp_path / 'speakers/32/1.0.0').fps == 2.5
  frames = clips.frames(0, range(5))
  assert np.abs(np.diff(frames.astype(int), axis=0)).max() > 10
  points = clips.landmarks(0, range(5))
  assert (points > 0).all() and (points < 1).all()


def test_the_report_tells_how_much_is_silent(folder):
  told = (folder / 'report.txt').read_text()
  assert 'test: 1 speeches of 1 people' in told
  assert '% silent' in told


@pytest.mark.parametrize(
  'settings, message',
  [
    ({'speakers': 0}, '--speakers=0'),
    ({'seconds': 0.5}, '--seconds=0.5 is not within'),
    ({'seconds': 5000.0}, 'more speakers rather than longer speeches'),
    ({'frames': 51}, '--frames=51 is not within 0 and 50'),
  ],
)
def test_what_cannot_be_built_is_told_in_one_line(settings, message, tmp_path):
  with pytest.raises(DataError, match=message):
    built_speakers.build(tmp_path, **settings)


def test_a_missing_synthesiser_is_told_before_any_work(tmp_path, monkeypatch):
  monkeypatch.setenv('PATH', str(tmp_path))
  with pytest.raises(DataError, match='apt-get install'):
    data_set.build(Settings(name='speakers', out=str(tmp_path / 'out')))
  assert not (tmp_path / 'out').exists()
