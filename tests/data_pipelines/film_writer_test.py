import os
import resource
from fractions import Fraction

import numpy as np
import pytest

from data_pipelines import video
from data_pipelines.errors import DataError
from data_pipelines.film_writer import FilmWriter

NTSC = Fraction(30000, 1001)
RLIMIT = resource.RLIMIT_FSIZE


def moving_square(height=48, width=64):
  """A red square that wanders over a blue ground, in six frames."""
  film = np.full((6, height, width, 3), (20, 60, 160), np.uint8)
  for index, frame in enumerate(film):
    frame[8 : height // 2, 4 * index : 4 * index + 16] = (210, 40, 30)
  return film


def write(path, frames, **options):
  with FilmWriter(path, NTSC, **options) as film:
    for frame in frames:
      film.write(frame)
  return path


def single_line(path):
  return rf'\A{path}: [^\n]+\Z'


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
def test_what_is_written_is_read_again(name, tmp_path):
  frames = moving_square()
  film = video.read(write(tmp_path / name, frames))
  again = np.stack(list(film))
  assert again.shape == frames.shape
  assert np.abs(again.astype(int) - frames).mean() < 3
  assert film.probe[:2] == (64, 48) and film.probe.frames == 6


def test_a_folder_of_frames_is_lossless(tmp_path):
  frames = np.random.default_rng(0).integers(0, 256, (3, 7, 9, 3), np.uint8)
  again = list(video.read(write(tmp_path / 'frames', frames)))
  np.testing.assert_array_equal(again, frames)
  assert sorted(os.listdir(tmp_path / 'frames'))[0] == '000000.png'


def test_a_rate_stays_a_fraction(tmp_path):
  assert video.read(write(tmp_path / 'a.mp4', moving_square())).rate == NTSC


def test_colours_keep_their_matrix(tmp_path):
  frames = np.full((2, 32, 32, 3), (200, 30, 60), np.uint8)
  film = video.read(write(tmp_path / 'a.mp4', frames, crf=4))
  np.testing.assert_allclose(next(iter(film)), frames[0], atol=4)


def test_an_odd_size_gains_a_row_and_a_column_in_an_mp4(tmp_path):
  film = write(tmp_path / 'a.mp4', moving_square(height=47, width=63))
  assert video.probe(film)[:2] == (64, 48)


@pytest.mark.parametrize('name', ['a.txt', 'file/a.mp4', 'file', 'full'])
def test_a_place_that_cannot_be_written_is_one_clear_line(name, tmp_path):
  (tmp_path / 'file').touch()
  (tmp_path / 'full').mkdir()
  (tmp_path / 'full' / 'a.png').touch()
  with pytest.raises(DataError, match=single_line(tmp_path / name)):
    write(tmp_path / name, moving_square())


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
def test_an_interrupted_film_leaves_nothing(name, tmp_path):
  with (
    pytest.raises(KeyboardInterrupt),
    FilmWriter(tmp_path / name, 25) as film,
  ):
    film.write(moving_square()[0])
    raise KeyboardInterrupt
  assert os.listdir(tmp_path) == []


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
@pytest.mark.parametrize('count', [1, 4])
def test_a_film_closed_early_keeps_what_was_written(name, count, tmp_path):
  frames = moving_square()[:count]
  with (
    pytest.raises(KeyboardInterrupt),
    FilmWriter(tmp_path / name, 25) as film,
  ):
    for frame in frames:
      film.write(frame)
    film.close()
    raise KeyboardInterrupt
  again = np.stack(list(video.read(tmp_path / name)))
  assert np.abs(again.astype(int) - frames).mean() < 3
  assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize('name', ['a.mp4', 'a'])
def test_after_a_film_is_closed_nothing_can_follow(name, tmp_path):
  film = FilmWriter(tmp_path / name, 25)
  film.write(moving_square()[0])
  film.close()
  film.close()
  with pytest.raises(ValueError, match='closed'):
    film.write(moving_square()[1])
  assert len(list(video.read(tmp_path / name))) == 1


@pytest.mark.parametrize('name', ['a.mp4', 'a.gif', 'a.webp', 'a'])
@pytest.mark.parametrize('share', [0.1, 0.9, 0.999])
def test_a_full_disk_is_one_clear_line_and_leaves_nothing(
  name, share, tmp_path
):
  """Files may not grow beyond a share of what is needed."""
  frames = np.random.default_rng(0).integers(0, 256, (70, 48, 64, 3), np.uint8)
  whole = write(tmp_path / name, frames, comment='how it came about')
  if whole.is_dir():
    (tmp_path / 'a').rename(tmp_path / 'whole')
    whole = tmp_path / 'whole' / '000000.png'
  room = int(whole.stat().st_size * share)
  before, limits = os.listdir(tmp_path), resource.getrlimit(RLIMIT)
  resource.setrlimit(RLIMIT, (room, limits[1]))
  try:
    with pytest.raises(DataError, match=single_line(tmp_path / name)):
      write(tmp_path / name, frames, comment='how it came about')
  finally:
    resource.setrlimit(RLIMIT, limits)
  assert os.listdir(tmp_path) == before
  assert len(list(video.read(whole))) in {1, 70}


def test_a_film_without_frames_is_not_written(tmp_path):
  with pytest.raises(DataError, match=single_line(tmp_path / 'a.mp4')):
    write(tmp_path / 'a.mp4', [])
  assert os.listdir(tmp_path) == []


def test_frames_of_two_sizes_do_not_make_a_film(tmp_path):
  with pytest.raises(ValueError, match='in a film of'):
    write(
      tmp_path / 'a',
      [np.zeros((4, 4, 3), np.uint8)] * 2 + [np.zeros((4, 6, 3), np.uint8)],
    )
