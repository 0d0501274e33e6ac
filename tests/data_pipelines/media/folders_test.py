import itertools
import os
import random

import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media.folders import (
  list_beside_frames,
  list_folder,
  list_frames,
  natural_order,
)
from tests.support.drawn_faces import talking, write_sound, write_video

NAMES = (
  'video.mp4', 'video2.mp4', 'video10.mp4', 'video', 'video2', '2', '02', '10',
  'a', 'A', '', 'a1b', 'a1', '1a', '²', '٣', 'é1', '9' * 5000, '-1', '1.5',
  os.fsdecode(b'\xff1'),
)  # fmt: skip


def test_any_two_names_have_an_order_and_it_is_always_the_same():
  keys = [natural_order(name) for name in NAMES]
  for one, other in itertools.combinations(keys, 2):
    assert (one < other) != (other < one)
  ordered = sorted(NAMES, key=natural_order)
  shuffled = random.Random(0).sample(NAMES, len(NAMES))
  assert sorted(shuffled, key=natural_order) == ordered


def test_numbers_count_and_a_shorter_name_comes_first():
  for ordered in (
    ['video', 'video2', 'video10'],
    ['frame9.png', 'frame010.png', 'frame11.png'],
    ['video.mp4', 'video2.mp4', 'video10.mp4'],
    ['a', 'a1', 'a1b', 'a2', 'b'],
    ['a.9', 'a.10'],
  ):
    assert sorted(ordered[::-1], key=natural_order) == ordered


def test_a_folder_is_sorted_by_what_its_files_hold(tmp_path):
  picture = Image.fromarray(talking(1)[0])
  picture.save(tmp_path / '10.jfif', 'JPEG')
  picture.save(tmp_path / '9.avif', 'AVIF')
  write_video(tmp_path / 'film.mp4', talking(3)).rename(tmp_path / 'film.gif')
  write_sound(tmp_path / 'song.mp4').rename(tmp_path / 'song')
  for name in ('notes.txt', '.hidden.mp4', 'empty.ts'):
    (tmp_path / name).touch()
  (tmp_path / 'deep').mkdir()
  entries = list_folder(tmp_path)
  names = [[path.name for path in paths] for paths in entries]
  assert names == [
    ['9.avif', '10.jfif'],
    ['empty.ts', 'film.gif'],
    ['song'],
    ['notes.txt'],
    ['deep'],
  ]


def test_pictures_are_a_video_unless_a_video_lies_beside_them(tmp_path):
  assert not list_folder(tmp_path).are_frames
  (tmp_path / '1.png').touch()
  assert list_folder(tmp_path).are_frames
  (tmp_path / 'a.wmv').touch()
  assert not list_folder(tmp_path).are_frames


def test_a_folder_that_is_none_or_holds_no_frames_is_one_line(tmp_path):
  with pytest.raises(DataError, match='nowhere: cannot be read'):
    list_folder(tmp_path / 'nowhere')
  with pytest.raises(DataError, match='without frames'):
    list_frames(tmp_path)


def test_what_lies_beside_frames_is_listed_by_the_reason(tmp_path):
  for name in ('1.png', 'a.mp4', 'b.wav', 'c.txt'):
    (tmp_path / name).touch()
  (tmp_path / 'd').mkdir()
  beside = list_beside_frames(tmp_path)
  assert [names for names in beside.values()] == [
    [str(tmp_path / name)] for name in ('a.mp4', 'b.wav', 'c.txt', 'd')
  ]
