import pytest

from data_pipelines.builders.listings import videos
from data_pipelines.errors.mendable import DataError


def make(root, *names):
  for name in names:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
  return root


def told(root, identity=''):
  return [job[:4] for job in videos.list_jobs(root, identity).jobs]


def test_folders_tell_who_is_in_the_videos(tmp_path):
  make(tmp_path, 'id1/a.mp4', 'id1/deep/b.mov', 'id2#a#1.avi', '3.mp4')
  assert told(tmp_path) == [
    ('3', '3.mp4', '3', ''),
    ('id1/a', 'id1/a.mp4', 'id1', ''),
    ('id1/deep/b', 'id1/deep/b.mov', 'id1', ''),
    ('id2#a#1', 'id2#a#1.avi', 'id2', ''),
  ]


def test_in_a_flat_folder_faces_tell_who_it_is(tmp_path):
  make(tmp_path, 'b.mp4', 'a.mp4', 'frames/x.txt', 'notes.txt')
  assert told(tmp_path) == [('a', 'a.mp4', None, ''), ('b', 'b.mp4', None, '')]
  assert [job[2] for job in told(tmp_path, 'folder')] == ['a', 'b']


def test_faces_tell_it_wherever_they_are_asked(tmp_path):
  make(tmp_path, 'id1/a.mp4', 'id1/b.mp4')
  assert [job[2] for job in told(tmp_path, 'cluster')] == [None, None]


def test_given_splits_are_kept_and_names_stay_apart(tmp_path):
  make(tmp_path, 'train/1.mp4', 'test/1.mp4', 'test/id/2.mp4')
  assert sorted(told(tmp_path)) == [
    ('test/1', 'test/1.mp4', 'test/1', 'test'),
    ('test/id/2', 'test/id/2.mp4', 'id', 'test'),
    ('train/1', 'train/1.mp4', 'train/1', 'train'),
  ]


def test_videos_that_differ_in_their_suffix_have_names_of_their_own(tmp_path):
  make(tmp_path, 'x/a.mp4', 'x/a.mov')
  assert sorted(job[0] for job in told(tmp_path)) == ['x/a.mov', 'x/a.mp4']


def test_a_folder_of_frames_is_a_video(tmp_path):
  make(tmp_path, 'id1/frames/0.png', 'id1/frames/1.png')
  assert told(tmp_path) == [('id1/frames', 'id1/frames', 'id1', '')]


def test_a_folder_without_videos_is_one_clear_line(tmp_path):
  make(tmp_path, 'notes.txt')
  with pytest.raises(DataError, match=r'\A[^\n]*no clips; --raw is[^\n]*\Z'):
    videos.list_jobs(tmp_path, '')
