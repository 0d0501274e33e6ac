import json
import os
import pathlib
import pickle
import re
import shutil
import types

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading.recorded_clips import TfdsClips
from data_pipelines.recorded import manifest
from data_pipelines.recorded.manifest import find
from tests.support import recorded


@pytest.fixture(scope='module')
def written(tmp_path_factory):
  return recorded.write(tmp_path_factory.mktemp('data'), with_truth=True)


@pytest.fixture
def folder(written, tmp_path):
  """A copy that may be damaged."""
  return pathlib.Path(shutil.copytree(written, tmp_path / 'copy'))


def opened(path, split='train', size=16):
  return TfdsClips(
    types.SimpleNamespace(path=str(path), image_size=size), split
  )


def told(error):
  """The one line of an error."""
  assert '\n' not in str(error.value)
  return str(error.value)


@pytest.mark.parametrize('split', ['train', 'test'])
def test_each_frame_is_the_one_asked_for(written, split):
  source = opened(written, split)
  names = [f'{split}{clip}' for clip in range(recorded.CLIPS[split])]
  assert [clip.identity for clip in source.clips] == names
  assert [clip.name for clip in source.clips] == [f'{n}/a' for n in names]
  assert {clip.frames for clip in source.clips} == {recorded.FRAMES}
  for clip in range(len(source.clips)):
    indices = [11, 0, 5, 5]
    frames = source.frames(clip, indices)
    assert frames.shape == (4, 16, 16, 3) and frames.dtype == np.uint8
    for frame, index in zip(frames, indices, strict=True):
      np.testing.assert_array_equal(frame[3, 4], recorded.level(clip, index))
      assert (frame == frame[0, 0]).all()


def test_a_clip_is_told_from_others_by_its_images(written):
  source = opened(written)
  wanted = manifest.Manifest.read(written).splits['train'].clips
  found = [source.digest(clip) for clip in range(len(source.clips))]
  assert found == [clip.sha256 for clip in wanted]
  assert len(set(found)) == len(found)


def test_numpy_indices_do_as_well(written):
  source = opened(written)
  np.testing.assert_array_equal(
    source.frames(2, np.array([3, 7])), source.frames(2, [3, 7])
  )


@pytest.mark.parametrize('size', [8, 16, 32])
def test_other_sizes_are_scaled(written, size):
  source = opened(written, size=size)
  assert source.frames(1, [2, 3]).shape == (2, size, size, 3)
  depth = source.truth(1, [2, 3])['depth']
  assert depth.shape == (2, size, size, 1) and depth.dtype == np.float32
  stored = recorded.depth(1, 3)
  assert set(depth[1].flat) <= set(stored.flat)  # nothing in between
  steps = np.diff(depth[1, 0, :, 0])
  assert steps.sum() == pytest.approx(15, abs=1) and (steps >= 0).all()


def test_the_truth_of_the_size_asked_for_is_exact(written):
  truth = opened(written).truth(3, [7, 0])
  maps = {'depth', 'nonrigid', 'own_motion'}
  assert truth.keys() == maps | {'camera_from_head'}
  for place, index in enumerate([7, 0]):
    depth = recorded.depth(3, index)
    np.testing.assert_array_equal(truth['depth'][place], depth)
    np.testing.assert_array_equal(truth['nonrigid'][place], depth % 2 == 1)
    pose = truth['camera_from_head'][place]
    np.testing.assert_array_equal(pose, recorded.pose(3, index))
  assert truth['nonrigid'].dtype == bool


@pytest.mark.parametrize('first', [0, 6])
def test_what_moves_on_its_own_is_told_of_neighbours_either_way(written, first):
  source = opened(written)
  one = source.truth(3, [first, first + 1])['own_motion']
  assert one.dtype == np.float32
  for found, pair in zip(one, [(0, 1), (1, 0)], strict=True):
    own = recorded.own_motion(3, *(first + place for place in pair))
    np.testing.assert_array_equal(found, own)
  other = source.truth(3, [first + 1, first])['own_motion']
  np.testing.assert_array_equal(other, one[::-1])


def test_pixels_of_own_motion_are_those_of_the_size_asked_for(written):
  whole, half = (
    opened(written, size=size).truth(1, [4, 5])['own_motion']
    for size in (16, 8)
  )
  np.testing.assert_array_equal(half, whole[:, 1::2, 1::2] / 2)


@pytest.mark.parametrize('frames', [[2, 4], [5, 3], [3, 3], [7]])
def test_of_frames_farther_apart_own_motion_is_not_known(written, frames):
  assert np.isnan(opened(written).truth(1, frames)['own_motion']).all()


@pytest.mark.parametrize('size', [8, 16])
def test_landmarks_are_shares_of_the_sides_or_unknown(written, size):
  landmarks = opened(written, size=size).landmarks(2, [4, 0])
  assert landmarks.shape == (2, 68, 2) and landmarks.dtype == np.float32
  np.testing.assert_array_equal(landmarks[0], 4 / recorded.SIZE)
  assert np.isnan(landmarks[1]).all()  # of the frame whose face was not found


def test_of_videos_nothing_is_known_but_pixels(tmp_path):
  assert opened(recorded.write(tmp_path)).truth(0, [1, 2]) == {}


def test_a_source_survives_pickling(written):
  source = opened(written)
  source.frames(0, [0])
  again = pickle.loads(pickle.dumps(source))
  assert again.clips == source.clips
  np.testing.assert_array_equal(again.frames(4, [1]), source.frames(4, [1]))


def test_nothing_is_written_next_to_the_data(folder):
  before = {(r, *d, *f) for r, d, f in os.walk(folder)}
  opened(folder).frames(0, [0])
  assert {(r, *d, *f) for r, d, f in os.walk(folder)} == before


def test_a_folder_above_will_do_if_it_holds_one_data_set(written):
  root = written.parents[1]
  assert find(root) == find(written.parent) == find(written) == written


def test_which_of_several_data_sets_is_for_the_user_to_say(tmp_path):
  for name in ('videos/256/1.0.0', 'videos/512/1.0.0', '.work/half'):
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / manifest.NAME).touch()
  with pytest.raises(DataError, match='holds 2 data sets; name one') as error:
    find(tmp_path)
  assert 'videos/256/1.0.0' in told(error)


def test_without_a_data_set_one_line_says_how_to_make_one(tmp_path):
  for path in ('', tmp_path / 'nowhere', tmp_path):
    with pytest.raises(DataError, match=r'data_pipelines\.build') as error:
      opened(path)
    told(error)


def edited(folder, change):
  """Changes a manifest in place."""
  path = folder / manifest.NAME
  fields = json.loads(path.read_text())
  change(fields)
  path.write_text(json.dumps(fields))


def test_a_future_format_is_told(folder):
  edited(folder, lambda fields: fields.update(format=2))
  with pytest.raises(
    DataError, match=r'of format 2.* update dagan_jax'
  ) as error:
    opened(folder)
  told(error)


def test_a_person_in_both_splits_is_told(folder):
  def change(fields):
    fields['splits']['test']['clips'][1]['identity'] = 'train3'

  edited(folder, change)
  with pytest.raises(
    DataError, match='train3 is in train and in test'
  ) as error:
    opened(folder)
  told(error)


def test_a_split_that_is_missing_is_told(folder):
  edited(folder, lambda fields: fields['splits'].pop('test'))
  with pytest.raises(DataError, match='no test split') as error:
    opened(folder, 'test')
  told(error)
  opened(folder, 'train')


def test_clips_of_one_frame_are_counted_and_left_out(folder, caplog):
  def change(fields):
    clips = fields['splits']['train']['clips']
    first = clips[0]
    alone = [{**first, 'name': f'{k}', 'frames': 1} for k in range(12)]
    clips[:1] = alone

  edited(folder, change)
  source = opened(folder)
  assert [clip.identity for clip in source.clips] == [
    f'train{clip}' for clip in range(1, 5)
  ]
  assert '12 of 16 train clips left out' in caplog.text
  np.testing.assert_array_equal(
    source.frames(0, [4])[0, 0, 0], recorded.level(1, 4)
  )


def first_shard(folder):
  return min(folder.glob('*-train.array_record*'))


@pytest.mark.parametrize(
  ('damage', 'problem'),
  [
    (lambda path: path.unlink(), 'no such file'),
    (lambda path: path.write_bytes(b''), 'cannot be read'),
    (lambda path: path.write_bytes(b'text' * 999), 'cannot be read'),
    (
      lambda path: os.truncate(path, path.stat().st_size // 2),
      'cannot be read',
    ),
    (
      lambda path: shutil.copy(min(path.parent.glob('*-test.*-00000-*')), path),
      'holds 18 records, not 30',
    ),
  ],
  ids=['missing', 'empty', 'text', 'cut', 'another'],
)
def test_a_shard_of_no_use_is_told_at_once(folder, damage, problem):
  path = first_shard(folder)
  damage(path)
  with pytest.raises(DataError, match=f'{path.name} .*{problem}') as error:
    opened(folder)
  assert 'data_pipelines.inspect' in told(error)
  opened(folder, 'test')


def test_a_flipped_byte_is_told_of_the_frame_that_it_is_in(folder):
  path = first_shard(folder)
  data = bytearray(path.read_bytes())
  data[4000] ^= 1
  path.write_bytes(data)
  source, bad = opened(folder), []
  for clip in range(2):
    for index in range(recorded.FRAMES):
      try:
        source.frames(clip, [index])
      except DataError as error:
        bad.append((clip, index, str(error)))
  ((clip, index, line),) = bad
  number = recorded.FRAMES * clip + index
  place = f'record {number} of {path.name}, frame {index} of clip train{clip}/a'
  assert f'{place}: its bytes are damaged; ' in line and '\n' not in line
  assert f'`python -m data_pipelines.inspect --path={folder}`' in line


def test_an_image_that_is_none_is_told(tmp_path):
  def image(clip, frame):
    plain = recorded.plain(clip, frame)
    return plain[:60] if (clip, frame) == (3, 1) else plain

  folder = recorded.write(tmp_path, image=image)
  source = opened(folder)
  source.frames(3, [0, 2])
  with pytest.raises(DataError, match='its image cannot be decoded') as error:
    source.frames(3, [0, 1])
  assert re.search('record 7 of .*-00001-of-00002, frame 1 of', told(error))


def test_frames_in_another_order_are_told(folder):
  def change(fields):
    clips = fields['splits']['train']['clips']
    clips[1], clips[2] = clips[2], clips[1]

  edited(folder, change)
  with pytest.raises(
    DataError, match='it is frame 5 of clip train1/a'
  ) as error:
    opened(folder).frames(1, [5])
  told(error)


def test_a_frame_beyond_the_clip_is_never_given(written):
  with pytest.raises(DataError, match='it is frame 0 of clip train2/a'):
    opened(written).frames(1, [recorded.FRAMES])
