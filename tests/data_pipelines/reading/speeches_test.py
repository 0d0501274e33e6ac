"""Windows of speeches, as training and testing read them."""

import shutil

import numpy as np
import pytest
from ml_collections import ConfigDict

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.voice import (
  expression_windows,
  hear,
  pose_conditions,
)
from data_pipelines.reading import pipeline
from data_pipelines.reading.speeches import Speeches
from data_pipelines.recorded import manifest, speech_list
from data_pipelines.recorded.shards import Shards
from data_pipelines.recorded.speech_list import SpeechList
from data_pipelines.recorded.speeches import parse_speech
from data_pipelines.speech.phones import BILABIAL, SILENCE
from tests.support import built_speakers

LENGTH = 20
SHAPES = {
  'mel_windows': (LENGTH, 80, 16),
  'pose_condition': (LENGTH, 320),
  'expression': (LENGTH, 64),
  'pose': (LENGTH, 6),
  'gaze': (LENGTH, 2),
}


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


@pytest.fixture(scope='module')
def data(tmp_path_factory):
  folder = tmp_path_factory.mktemp('data')
  built_speakers.build(folder)
  return ConfigDict(
    {
      'source': 'speakers',
      'path': str(folder),
      'batch_size': 2,
      'workers': 0,
      'prefetch': 1,
      'seed': 1,
      'sampler': 'sequences',
      'sequence': LENGTH,
      'landmarks': False,
      'eval_frames': 0,
      'eval_clips': 0,
    }
  )


def changed(data, **changes):
  return ConfigDict({**data, **changes})


def take(data, count, split='train', state=None):
  batches = pipeline.make_iterator(data, split)
  if state:
    batches.set_state(state)
  found = [next(batches) for _ in range(count)]
  state = batches.get_state()
  batches.close()
  return found, state


def test_an_example_has_what_networks_hear_and_what_is_true(data):
  (batch,), _ = take(data, 1)
  for name, shape in SHAPES.items():
    assert batch[name].shape == (2, *shape)
    assert batch[name].dtype == np.float32
  for name in ('speaking', 'bilabial'):
    assert batch[name].shape == (2, LENGTH) and batch[name].dtype == bool
  assert set(batch) == {*SHAPES, 'speaking', 'bilabial', 'weight'}
  assert (batch['speaking'] | ~batch['bilabial']).all()


def test_a_window_is_a_part_of_the_whole_speech(data):
  source = Speeches(data, 'test')
  folder = manifest.find(data.path, speech_list.NAME)
  shards = SpeechList.read(folder).splits['test'].shards
  speech = parse_speech(Shards(folder, shards).read(0))
  voice = hear([speech.waveform / np.float32(2**15)])
  frames = range(7, 7 + LENGTH)
  found = source.sequence(0, frames)
  np.testing.assert_array_equal(
    found['mel_windows'], expression_windows(voice, frames)
  )
  np.testing.assert_array_equal(
    found['pose_condition'], pose_conditions(voice, frames)
  )
  np.testing.assert_array_equal(found['pose'], speech.pose[7:27])
  middles = (np.arange(7, 27) + 0.5) / 25
  names = [
    next(p.name for p in speech.phones if p.start <= time < p.end)
    for time in middles
  ]
  assert found['speaking'].tolist() == [name != SILENCE for name in names]
  assert found['bilabial'].tolist() == [name in BILABIAL for name in names]


def test_several_sets_are_read_as_one(data, tmp_path):
  built_speakers.build(tmp_path, speakers=6)
  paths = [data.path, str(tmp_path)]
  alone = [Speeches(changed(data, path=path), 'train') for path in paths]
  both = Speeches(changed(data, path=', '.join(paths)), 'train')
  assert both.clips == alone[0].clips + alone[1].clips
  first = len(alone[0].clips)
  for clip, (source, number) in {
    0: (alone[0], 0),
    first: (alone[1], 0),
    len(both.clips) - 1: (alone[1], len(alone[1].clips) - 1),
  }.items():
    found, wanted = (
      x.sequence(n, range(4)) for x, n in ((both, clip), (source, number))
    )
    np.testing.assert_array_equal(found['pose'], wanted['pose'])


def test_windows_begin_everywhere(data):
  batches, _ = take(data, 12)
  starts = {batch['pose'][k].tobytes() for batch in batches for k in range(2)}
  assert len(starts) > 15


def test_a_stopped_run_goes_on_with_the_same_windows(data):
  whole, _ = take(data, 6)
  _, state = take(data, 3)
  rest, _ = take(data, 3, state=state)
  for one, other in zip(whole[3:], rest, strict=True):
    for name in one:
      np.testing.assert_array_equal(one[name], other[name])


def test_held_out_windows_lie_side_by_side(data):
  batches = list(pipeline.make_iterator(data, 'test'))
  weights = np.concatenate([batch['weight'] for batch in batches])
  assert weights.sum() == 2  # 50 frames
  first, second = pipeline.make_iterator(data, 'test').listed
  assert first.frames[0] == 0 and second.frames[-1] == 49
  assert not set(first.frames) & set(second.frames)


@pytest.mark.parametrize(
  'changes, message',
  [
    ({'sequence': 51}, 'data.sequence is 51: none of the 3 clips'),
    ({'sequence': 1}, 'data.sequence is 1: it must be at least 2'),
    ({'sampler': 'pairs'}, "data.source 'speakers', which has no frames"),
    ({'source': 'tfds'}, "data.source 'tfds', which has no sequence"),
    ({'path': '/nowhere'}, 'there is no such folder'),
  ],
)
def test_what_cannot_be_read_is_told_in_one_line(data, changes, message):
  with pytest.raises(DataError, match=message):
    pipeline.make_iterator(changed(data, **changes), 'train')


def test_a_folder_of_something_else_is_told_how_to_build_speeches(
  data, tmp_path
):
  with pytest.raises(DataError, match=r'speeches.json is missing.*speakers'):
    Speeches(changed(data, path=str(tmp_path)), 'train')


def test_damage_is_told_with_its_place(data, tmp_path):
  shutil.copytree(data.path, tmp_path / 'copy')
  (shard,) = (tmp_path / 'copy').glob('**/*train*')
  content = bytearray(shard.read_bytes())
  middle = len(content) // 4
  content[middle : middle + 4000] = bytes(4000)
  shard.write_bytes(content)
  source = Speeches(changed(data, path=str(tmp_path / 'copy')), 'train')
  with pytest.raises(DataError, match=r'record \d of .*, speech train_speaker'):
    for clip in range(len(source.clips)):
      source.sequence(clip, range(3))
