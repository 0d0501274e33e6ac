import functools
import logging
import os
import pathlib
import pickle
import shutil
import types

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import video_writer
from data_pipelines.reading import sources
from data_pipelines.synthetic import rendered_faces


def settings(path, **changed):
  return types.SimpleNamespace(
    **{
      'path': str(path),
      'cache': str(path) + '_cache',
      'image_size': 16,
      'test_fraction': 0.5,
      'identities': 3,
      'test_identities': 2,
      'clip_frames': 5,
      **changed,
    }
  )


def video(path, frames=5, shape=(24, 32)):
  """A video whose frame n is of the grey level 40 n."""
  path.parent.mkdir(parents=True, exist_ok=True)
  with video_writer.VideoWriter(path, 25) as writer:
    for index in range(frames):
      writer.write(np.full((*shape, 3), 40 * index, np.uint8))


@pytest.fixture
def folder(tmp_path):
  for name in ('train/a.mp4', 'train/id1/b.gif', 'train/c', 'test/d.mp4'):
    video(tmp_path / 'clips' / name)
  return tmp_path / 'clips'


def test_frames_come_square_and_in_the_order_asked_for(folder):
  source = sources.Videos(settings(folder), 'train')
  assert [clip.name for clip in source.clips] == ['a', 'c', 'id1/b']
  assert {clip.frames for clip in source.clips} == {5}
  for clip in range(3):
    frames = source.frames(clip, [4, 0, 2])
    assert frames.shape == (3, 16, 16, 3) and frames.dtype == np.uint8
    levels = frames.mean((1, 2, 3))
    np.testing.assert_allclose(levels, [160, 0, 80], atol=4)


def test_nothing_is_written_next_to_the_clips(folder):
  before = {(r, *d, *f) for r, d, f in os.walk(folder)}
  sources.Videos(settings(folder), 'train')
  assert {(r, *d, *f) for r, d, f in os.walk(folder)} == before


def test_a_second_run_opens_no_video(folder, monkeypatch):
  first = sources.Videos(settings(folder), 'train')
  monkeypatch.setattr(sources.video_reader, 'read', None)
  assert sources.Videos(settings(folder), 'train').clips == first.clips


def test_half_a_store_of_a_killed_run_is_prepared_anew(folder):
  data = settings(folder)
  first = sources.Videos(data, 'train')
  store, *_ = pathlib.Path(data.cache).iterdir()
  whole = store.read_bytes()
  for path in (store, store.with_suffix('.0123.part')):
    path.write_bytes(whole[: len(whole) // 2])
  again = sources.Videos(data, 'train')
  assert again.clips == first.clips
  assert store.read_bytes() == whole


def test_a_source_survives_pickling(folder):
  source = sources.Videos(settings(folder), 'train')
  again = pickle.loads(pickle.dumps(source))
  assert again.clips == source.clips
  np.testing.assert_array_equal(again.frames(1, [2]), source.frames(1, [2]))


def test_clips_of_no_use_are_named_counted_and_left_out(folder, caplog):
  (folder / 'train' / 'text.mp4').write_text('not a video')
  (folder / 'train' / 'empty.mp4').touch()
  os.symlink(folder / 'gone.mp4', folder / 'train' / 'link.mp4')
  video(folder / 'train' / 'short.mp4', frames=1)
  source = sources.Videos(settings(folder), 'train')
  assert [clip.name for clip in source.clips] == ['a', 'c', 'id1/b']
  for name in ('text', 'empty', 'link', 'short'):
    assert f'{name}.mp4' in caplog.text
  assert '4 of 7 train clips left out' in caplog.text


def test_what_is_no_clip_and_who_has_two_names_is_told_once(folder, caplog):
  (folder / 'train' / 'song.wav').touch()
  shutil.copy(folder / 'train' / 'a.mp4', folder / 'test' / 'b.mp4')
  with caplog.at_level('INFO'):
    for split in ('train', 'test', 'test'):
      sources.Videos(settings(folder), split)
  for words in (
    'passed over, sound',
    'test/b.mp4, test/d.mp4, train/a.mp4 are',
  ):
    assert sum(words in line for line in caplog.messages) == 1
  assert 'train/song.wav' in caplog.text
  assert '(test/b, test/d, train/a)' in caplog.text


def test_a_clip_that_breaks_off_is_used_up_to_there(folder, caplog):
  broken = folder / 'train' / 'broken'
  video(broken)
  (broken / '000003.png').write_text('not a picture')
  source = sources.Videos(settings(folder), 'train')
  frames = {clip.name: clip.frames for clip in source.clips}
  assert frames == {'a': 5, 'broken': 3, 'c': 5, 'id1/b': 5}
  assert '000003.png' in caplog.text


def test_a_folder_without_a_usable_clip_is_one_clear_line(tmp_path, caplog):
  caplog.set_level(logging.CRITICAL)
  for split in ('train', 'test'):
    (tmp_path / 'clips' / split).mkdir(parents=True)
    (tmp_path / 'clips' / split / 'a.mp4').write_text('not a video')
  with pytest.raises(
    DataError, match=r'\A[^\n]*none of its 1 train clips[^\n]*\Z'
  ):
    sources.Videos(settings(tmp_path / 'clips'), 'train')


def test_frames_that_have_gone_are_an_error_that_names_the_clip(folder):
  data = settings(folder)
  source = sources.Videos(data, 'train')
  for name in os.listdir(data.cache):
    os.remove(f'{data.cache}/{name}')
  with pytest.raises(DataError, match=r'\Aclip id1/b: [^\n]*\Z'):
    source.frames(2, [0])


@pytest.fixture
def forgetful(monkeypatch):
  """Memories that hold nothing yet, and that the next test does not see."""
  memory = functools.cache(sources._memory.__wrapped__)
  monkeypatch.setattr(sources, '_memory', memory)


def test_the_synthetic_splits_share_no_face(monkeypatch, forgetful):
  asked = []

  def image(index, time, size):
    asked.append((index, time))
    return np.zeros((size, size, 3), np.uint8)

  monkeypatch.setattr(rendered_faces, 'image', image)
  train, test = (
    sources.Synthetic(settings(''), split) for split in ('train', 'test')
  )
  assert len(train.clips) == 3 and len(test.clips) == 2
  assert not {c.identity for c in train.clips} & {
    c.identity for c in test.clips
  }
  assert train.frames(2, [0, 4]).shape == (2, 16, 16, 3)
  assert test.frames(1, [1]).dtype == np.uint8
  assert asked == [(2, 0), (2, 4 / 25), (1_000_001, 1 / 25)]


def test_a_frame_is_rendered_once_whoever_asks(monkeypatch, forgetful):
  first = sources.Synthetic(settings(''), 'train')
  expected = first.frames(1, [3, 0])
  kept = expected.copy()
  expected[:] = 0  # nobody can spoil what is remembered
  again = pickle.loads(pickle.dumps(first))
  monkeypatch.setattr(rendered_faces, 'image', None)
  np.testing.assert_array_equal(again.frames(1, [0, 3]), kept[::-1])


def test_sizes_are_remembered_apart_and_within_bounds(monkeypatch, forgetful):
  monkeypatch.setattr(sources, 'MEMORY', 2 * 3 * 16**2)
  source = sources.Synthetic(settings(''), 'train')
  source.frames(0, range(5))
  assert sources._memory(16).cache_info().currsize == 2
  large = sources.Synthetic(settings('', image_size=32), 'train')
  assert large.frames(0, [4]).shape == (1, 32, 32, 3)


def test_a_clip_that_was_replaced_has_another_digest(folder):
  source = sources.Videos(settings(folder), 'train')
  digests = [source.digest(clip) for clip in range(3)]
  shutil.copy(*sorted((folder / 'train' / 'c').iterdir())[:2])
  assert [source.digest(clip) == digests[clip] for clip in range(3)] == (
    [True, False, True]
  )
  (folder / 'train' / 'a.mp4').unlink()
  assert source.digest(0) == ''


def test_the_truth_about_videos_is_not_known(folder):
  assert sources.Videos(settings(folder), 'train').truth(0, [1, 2]) == {}


def test_the_truth_belongs_to_its_frame_and_explains_its_landmarks():
  source = sources.Synthetic(settings(''), 'test')
  truth = source.truth(1, [4, 0])
  assert {name: (v.shape, v.dtype.name) for name, v in truth.items()} == {
    'depth': ((2, 16, 16, 1), 'float32'),
    'foreground': ((2, 16, 16, 1), 'bool'),
    'nonrigid': ((2, 16, 16, 1), 'bool'),
    'own_motion': ((2, 16, 16, 1), 'float32'),
    'intrinsics': ((2, 3, 3), 'float32'),
    'camera_from_head': ((2, 4, 4), 'float32'),
  }
  for place, index in enumerate([4, 0]):
    frame = rendered_faces.frame(1_000_001, index / 25, 16)
    np.testing.assert_array_equal(truth['depth'][place, ..., 0], frame.depth)
    (own,) = rendered_faces.own_motions(
      1_000_001, index / 25, [(4 - index) / 25], 16
    )
    np.testing.assert_array_equal(truth['own_motion'][place, ..., 0], own)
    pose = truth['camera_from_head'][place]
    np.testing.assert_allclose(pose, frame.camera_from_head, rtol=1e-6)
    seen = frame.landmarks_3d @ truth['intrinsics'][place].T
    # The picture's left edge is at 0 for the renderer, at -0.5 for us.
    expected = frame.landmarks - 0.5
    np.testing.assert_allclose(seen[:, :2] / seen[:, 2:], expected, atol=1e-4)


def test_landmarks_of_rendered_faces_are_shares_of_the_sides():
  source = sources.Synthetic(settings(''), 'test')
  landmarks = source.landmarks(1, [4, 0])
  assert landmarks.shape == (2, 68, 2) and landmarks.dtype == np.float32
  for place, index in enumerate([4, 0]):
    frame = rendered_faces.frame(1_000_001, index / 25, 16)
    np.testing.assert_allclose(16 * landmarks[place], frame.landmarks)


def test_asked_for_landmarks_of_videos_it_says_what_has_some(folder):
  with pytest.raises(DataError, match=r'\A[^\n]*data_pipelines.build[^\n]*\Z'):
    sources.Videos(settings(folder), 'train').landmarks(0, [0])


def test_an_empty_synthetic_split_is_one_clear_line():
  with pytest.raises(DataError, match=r'\A[^\n]*0 identities[^\n]*\Z'):
    sources.Synthetic(settings('', test_identities=0), 'test')


@pytest.mark.parametrize('name', sources.SOURCES)
def test_a_third_split_does_not_exist(name, folder):
  with pytest.raises(ValueError, match='neither train nor test'):
    sources.SOURCES[name](settings(folder), 'validation')
