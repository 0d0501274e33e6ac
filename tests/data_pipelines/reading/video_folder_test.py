import os

import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.folders import BESIDE, OTHERS, SOUNDS
from data_pipelines.reading import video_folder
from tests.support.drawn_faces import talking, write_sound, write_video


def make(root, *names):
  for name in names:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
  return str(root)


def find(path, split, fraction):
  return video_folder.find_splits(path, fraction).choose(split)


def both(path, fraction=0.5):
  return [find(path, split, fraction) for split in video_folder.SPLITS]


def identities(clips):
  return {clip.identity for clip in clips}


@pytest.mark.parametrize('fraction', [0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize(
  'pattern', ['{}.mp4', 'id{}#video#1.mp4', 'id{}/a/1.mp4']
)
def test_nobody_is_in_both_splits(pattern, fraction, tmp_path):
  path = make(tmp_path, *[pattern.format(index) for index in range(20)])
  train, test = map(identities, both(path, fraction))
  assert not train & test
  assert len(test) == round(fraction * 20) and len(train | test) == 20


def test_the_split_of_one_does_not_depend_on_the_order_of_finding(tmp_path):
  first = make(tmp_path / 'a', *[f'{index}.mp4' for index in range(20)])
  other = make(tmp_path / 'b', *[f'{index}.mp4' for index in range(20)][::-1])
  names = [[clip.name for clip in clips] for clips in both(first)]
  assert names == [[clip.name for clip in clips] for clips in both(other)]


def test_a_face_is_the_prefix_the_top_folder_or_the_clip(tmp_path):
  make(tmp_path, 'train/id1#a#1.mp4', 'train/id2/a/1.avi', 'train/3.mov')
  path = make(tmp_path, 'train/4/000.png', 'train/5/a/000.jpg', 'test/6.gif')
  clips = find(path, 'train', 0)
  assert identities(clips) == {'id1', 'id2', '3', '4', '5'}
  assert [clip.name for clip in clips] == [
    '3',
    '4',
    '5/a',
    'id1#a#1',
    'id2/a/1',
  ]


def test_clips_come_in_natural_order(tmp_path):
  path = make(tmp_path, *[f'train/{k}.mp4' for k in (10, 9, 1)], 'test/0.mp4')
  clips = find(path, 'train', 0)
  assert [clip.name for clip in clips] == ['1', '9', '10']


def test_hidden_files_and_foreign_files_are_no_clips(tmp_path):
  path = make(tmp_path, 'train/._a.mp4', 'train/.b/a.mp4', 'train/notes.txt')
  make(tmp_path, 'train/a.mp4', 'test/a.mp4')
  assert len(find(path, 'train', 0)) == 1


def test_links_to_folders_are_followed_but_not_in_circles(tmp_path):
  make(tmp_path / 'elsewhere', 'id1/a.mp4')
  path = make(tmp_path / 'here', 'train/id2/a.mp4', 'test/id3/a.mp4')
  os.symlink(tmp_path / 'elsewhere' / 'id1', f'{path}/train/id1')
  os.symlink(f'{path}/train', f'{path}/train/again')
  assert len(find(path, 'train', 0)) == 2


def test_a_face_in_both_sub_folders_is_an_error(tmp_path):
  path = make(tmp_path, 'train/id1/a.mp4', 'test/id1/b.mp4')
  with pytest.raises(DataError, match=r'\A[^\n]*id1; move[^\n]*\Z'):
    find(path, 'test', 0)


@pytest.mark.parametrize(
  'names, below, message',
  [
    ([], 'none', 'there is no such folder'),
    ([], '', 'holds no clips'),
    (['notes.txt'], '', 'holds no clips'),
    (['a.mp4'], 'a.mp4', 'not a folder'),
    (['a.mp4'], '', 'the test split has none of its 1 clips; change'),
    (['train/a.mp4'], '', 'the test split has none of its 1 clips; put'),
  ],
)
def test_a_folder_of_no_use_is_one_clear_line(names, below, message, tmp_path):
  make(tmp_path, *names)
  with pytest.raises(DataError, match=rf'\A[^\n]*{message}[^\n]*\Z'):
    find(str(tmp_path / below), 'test', 0.1)


def test_one_face_is_enough_to_train_on(tmp_path):
  path = make(tmp_path, 'id1/a.mp4', 'id1/b.mp4')
  assert len(find(path, 'train', 0.1)) == 2


def test_an_empty_path_is_one_clear_line():
  with pytest.raises(DataError, match=r'\Adata.path is empty[^\n]*\Z'):
    find('', 'train', 0.1)


def test_names_of_which_one_begins_the_other_have_an_order(tmp_path):
  path = make(tmp_path, 'video2.mp4', 'video.mp4', 'video10.mp4')
  names = [clip.name for clip in find(path, 'train', 0)]
  assert names == ['video', 'video2', 'video10']


@pytest.mark.parametrize(
  'suffix', ['ts', 'wmv', 'flv', '3gp', 'mts', 'm2ts', 'vob', 'ogv', 'f4v']
)
def test_nobody_vanishes_for_the_format_of_his_videos(suffix, tmp_path):
  path = make(tmp_path, 'id1/a.mp4', f'id2/b.{suffix}')
  assert identities(find(path, 'train', 0)) == {'id1', 'id2'}


def test_content_decides_what_is_a_clip(tmp_path):
  write_video(tmp_path / 'id1/a.mp4', talking(3)).rename(tmp_path / 'id1/a')
  write_video(tmp_path / 'id2/a.mp4', talking(3)).rename(tmp_path / 'id2/b.jpg')
  write_sound(tmp_path / 'id3' / 'song.mp4').rename(tmp_path / 'id3/song.gif')
  assert identities(find(str(tmp_path), 'train', 0)) == {'id1', 'id2'}


@pytest.mark.parametrize('fixed', [False, True])
def test_whatever_is_no_clip_is_named_with_the_reason(fixed, tmp_path):
  names = ['id/a.mp4', 'id/a.jpg', 'id/a.wav', 'id/a.txt', 'id2/1.png']
  below = 'train/' if fixed else ''
  make(tmp_path, *(f'{below}{name}' for name in names))
  if fixed:
    make(tmp_path, 'lost.mp4', 'valid/b.mp4', 'test/c.mp4')
  found = video_folder.find(str(tmp_path))
  assert {why: x for why, x in found.passed_over.items() if x} == {
    SOUNDS: [f'{below}id/a.wav'],
    OTHERS: [f'{below}id/a.txt'],
    BESIDE: [f'{below}id/a.jpg'],
    **({'beside train/ and test/': ['lost.mp4', 'valid']} if fixed else {}),
  }
