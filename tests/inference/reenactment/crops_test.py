import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.reenactment import crops
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import Face
from data_pipelines.faces.framing import by_hand
from tests.support import tiny
from tests.support.drawn_faces import DiscFinder, picture

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
    raise AssertionError('one person need not be known')


@pytest.fixture
def finder(monkeypatch):
  found = Same()
  monkeypatch.setattr(crops, 'face_finder', lambda: found)
  return found


def test_a_crop_is_text_or_four_numbers_or_left_to_the_centre():
  place = by_hand('10,5,20,30')
  for crop in ('10,5,20,30', (10, 5, 20, 30)):
    assert crops.find_portrait_framing(PICTURE, crop, 'a') == place
    assert crops.find_video_framing([PICTURE], crop, 'a') == ({0: place}, None)
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


def test_some_frames_of_a_second_are_searched(finder):
  crops.find_video_framing([PICTURE] * 600, 'auto', 'video')
  assert finder.looks <= 601 / 3 + 1
  found = crops.find_video_framing([PICTURE], 'auto', 'video')
  one = crops.find_portrait_framing(PICTURE, 'auto', 'portrait')
  assert found.framings == {0: one} and found.seen.all()


def test_each_frame_is_cut_out_where_its_shot_is():
  frames = np.arange(5 * 8 * 8).reshape(5, 8, 8, 1).repeat(3, -1)
  places = {0: by_hand('0,0,4,4'), 2: by_hand('4,4,4,4'), 4: by_hand('0,4,4,4')}
  framing = crops.VideoFraming(places)
  squares = [*crops.Squares(frames.astype(np.uint8), framing, 4)]
  for number, square in enumerate(squares):
    here = places[max(at for at in places if at <= number)]
    expected = crops.cut_square(frames[number].astype(np.uint8), here, 4)
    np.testing.assert_array_equal(square, expected)


def test_the_log_tells_what_nobody_expects(monkeypatch, caplog):
  monkeypatch.setattr(crops, 'face_finder', DiscFinder)
  me, other = (30, 48, 20, 30), (75, 48, 16, 120)
  frames = [picture(me)] * 20 + [picture(other)] * 12 + [picture(me)] * 20
  with caplog.at_level('INFO', 'absl'):
    crops.find_video_framing([picture(me)] * 20, 'auto', 'film')
    assert not caplog.messages
    crops.find_video_framing(frames, 'auto', 'film')
  told = '\n'.join(caplog.messages)
  assert '12 of 52 frames show no face of who drives (frames 20 to 31)' in told
  assert 'somebody else takes over in 12 of 52 frames (frames 20 to 31)' in told
  caplog.clear()
  with caplog.at_level('INFO', 'absl'):
    crops.find_video_framing([picture(me, other)] * 20, 'auto', 'film')
  (line,) = caplog.messages
  hand = crops.find_video_framing(frames, line.split('--crop_driving=')[1], 'a')
  (place,) = hand.framings.values()
  assert place.square.left < 75 - 16 and place.square.side > 32


def test_in_frames_that_come_once_no_face_can_be_looked_for(finder):
  with pytest.raises(UsageError, match='only once'):
    crops.find_video_framing(iter([PICTURE]), 'auto', 'video')
  found = crops.find_video_framing(iter([PICTURE]), 'none', 'video')
  assert found == ({0: None}, None)


def test_squares_come_again_where_frames_do():
  frames = tiny.video(3, 50)
  squares = crops.Squares(frames, crops.VideoFraming({0: None}), 32)
  for _ in range(2):
    assert [x.shape for x in squares] == [(32, 32, 3)] * 3
  assert crops.count_frames(frames) == 3
  assert crops.count_frames(x for x in frames) is None
