import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment import crops
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import Face
from data_pipelines.faces.framing import by_hand
from tests.support import tiny

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


class Same:
  """Finds the same face everywhere, and counts how often it looks."""

  looks = 0

  def find(self, picture):
    self.looks += 1
    points = np.full((68, 2), 20, np.float32)
    points[42:48, 0] += 4  # eyes on a level line
    return [Face(np.float32([10, 10, 30, 30]), points)]

  def identity(self, picture, face):
    raise NotImplementedError


@pytest.fixture
def finder(monkeypatch):
  found = Same()
  monkeypatch.setattr(crops, 'face_finder', lambda: found)
  return found


def test_a_crop_is_text_or_four_numbers_or_left_to_the_centre():
  place = by_hand('10,5,20,30')
  for crop in ('10,5,20,30', (10, 5, 20, 30)):
    assert crops.find_portrait_framing(PICTURE, crop, 'a') == place
    assert crops.find_video_framing([PICTURE], crop, 'a') == place
  assert crops.find_portrait_framing(PICTURE, 'none', 'a') is None
  shown = crops.cut_square(PICTURE, None, 40)
  np.testing.assert_array_equal(shown, PICTURE[:, 10:50])


@pytest.mark.parametrize('beside', ['60,0,9,9', '0,40,9,9', '-9,0,9,9'])
def test_a_crop_beside_the_picture_is_refused(beside):
  with pytest.raises(DataError, match='beside the picture of 60 x 40'):
    crops.cut_square(PICTURE, by_hand(beside), 16)
  for touching in ('59,39,9,9', '-8,-8,9,9'):
    shown = crops.cut_square(PICTURE, by_hand(touching), 16)
    assert shown.shape == (16, 16, 3)


def test_long_videos_are_searched_here_and_there(finder):
  crops.find_video_framing([PICTURE] * 600, 'auto', 'video')
  assert 50 <= finder.looks <= 70
  one = crops.find_video_framing([PICTURE], 'auto', 'video')
  assert one == crops.find_portrait_framing(PICTURE, 'auto', 'portrait')


def test_in_frames_that_come_once_no_face_can_be_looked_for(finder):
  with pytest.raises(UsageError, match='only once'):
    crops.find_video_framing(iter([PICTURE]), 'auto', 'video')
  assert crops.find_video_framing(iter([PICTURE]), 'none', 'video') is None


def test_squares_come_again_where_frames_do():
  frames = tiny.video(3, 50)
  squares = crops.Squares(frames, None, 32)
  for _ in range(2):
    assert [x.shape for x in squares] == [(32, 32, 3)] * 3
  assert crops.count_frames(frames) == 3
  assert crops.count_frames(x for x in frames) is None
