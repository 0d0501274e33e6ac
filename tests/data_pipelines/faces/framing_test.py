import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import framing
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.find import DlibFaces, Face
from data_pipelines.faces.framing import (
  Framing,
  by_hand,
  central,
  cut,
)
from data_pipelines.synthetic import rendered_faces

NOISE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)


class Scripted:
  """Finds the faces it is told to, picture by picture."""

  def __init__(self, *faces):
    self._faces = iter(faces)

  def find(self, picture):
    return next(self._faces)


def face(x, y, side, lean=0.0):
  """A face around (x, y) whose eyes lean by so many degrees."""
  half = side / 2
  points = np.full((68, 2), [x, y], np.float32)
  across = np.array([np.cos(np.radians(lean)), np.sin(np.radians(lean))])
  points[36:42] -= side / 5 * across
  points[42:48] += side / 5 * across
  return Face(np.float32([x - half, y - half, x + half, y + half]), points)


@pytest.fixture(scope='module')
def dlib_faces():
  try:
    return DlibFaces()
  except DataError as error:
    pytest.skip(str(error))


def test_an_upright_cut_of_the_same_size_is_the_picture():
  place = Framing(Square(20.0, 10.0, 32.0))
  np.testing.assert_array_equal(cut(NOISE, place, 32), NOISE[10:42, 20:52])
  np.testing.assert_array_equal(cut(NOISE, central(NOISE), 60), NOISE[:, 15:75])


def test_a_leaning_cut_of_a_turned_picture_stands_upright():
  smooth = np.array(
    Image.fromarray(NOISE[:8, :8]).resize((160, 160), Image.Resampling.BICUBIC)
  )
  turned = np.array(
    Image.fromarray(smooth).rotate(-20, Image.Resampling.BICUBIC)
  )
  place = Square(48.0, 48.0, 64.0)
  upright = cut(smooth, Framing(place), 64)
  leaning = cut(turned, Framing(place, 20.0), 64)
  difference = np.abs(np.int32(upright) - leaning)
  assert difference.mean() < 1.5 and np.percentile(difference, 99) < 8
  wrong = cut(turned, Framing(place, -20.0), 64)
  assert np.abs(np.int32(upright) - wrong).mean() > 10


def test_crops_by_hand_become_the_square_around_them():
  assert by_hand('10,20,30,40') == Framing(Square(5.0, 20.0, 40.0))
  for text in (
    '1,2,3', 'a,b,c,d', '0,0,0,0', '0,0,10,-4', 'automatic', 'nan,0,9,9',
    '0,0,inf,9',
  ):  # fmt: skip
    with pytest.raises(DataError, match=r'auto, none, or x,y,w,h'):
      by_hand(text)


def test_a_video_is_framed_for_one_face_wherever_it_goes():
  big, small = face(40, 30, 20), face(75, 20, 15)
  moved = face(48, 32, 14), face(75, 20, 15)
  finder = Scripted([], [big, small], [small, moved[0]], [], [moved[0]])
  square = framing.of_video([NOISE] * 5, finder, 'video').square
  for one in (big, moved[0]):
    low, high = one.box[:2], one.box[2:]
    assert np.all(low >= [square.left, square.top])
    assert np.all(high <= np.add([square.left, square.top], square.side))
  assert square.left + square.side < 75  # the other one is not in it
  with pytest.raises(DataError, match='video: no face is found'):
    framing.of_video([NOISE], Scripted([]), 'video')


def test_of_several_faces_the_log_tells_how_to_take_another(caplog):
  big, small, lone = face(40, 30, 20), face(75, 20, 15), face(60, 40, 30)
  with caplog.at_level('INFO', 'absl'):
    framing.of_portrait(NOISE, Scripted([lone]), 'a.png')
    framing.of_video([NOISE] * 2, Scripted([lone], [lone, small]), 'video')
    assert not caplog.messages
    framing.of_portrait(NOISE, Scripted([big, small]), 'a.png')
    framing.of_video([NOISE] * 2, Scripted([big, small], [big, small]), 'video')
  other = framing.of_portrait(NOISE, Scripted([small]), 'a.png').square
  flags = ('a.png: 2 faces', '--crop='), ('video: 2 faces', '--crop_driving=')
  for told, (begins, flag) in zip(caplog.messages, flags, strict=True):
    assert told.startswith(begins)
    square = by_hand(told.split(flag)[1]).square
    np.testing.assert_allclose(square, other, atol=1)


def test_a_head_that_hardly_leans_is_framed_upright():
  found = framing.of_portrait(NOISE, Scripted([face(40, 30, 20, 3)]), 'a.png')
  assert found.lean == 0
  with pytest.raises(DataError, match=r'a\.png: no face .* --crop=none'):
    framing.of_portrait(NOISE, Scripted([]), 'a.png')


def test_a_leaning_head_is_framed_as_if_it_stood(dlib_faces):
  picture = rendered_faces.image(3, 0.0, 256)
  turned = np.array(
    Image.fromarray(picture).rotate(-25, Image.Resampling.BICUBIC)
  )
  upright, leaning = (
    framing.of_portrait(x, dlib_faces, 'face') for x in (picture, turned)
  )
  assert abs(leaning.lean - upright.lean - 25) < 5
  side = upright.square.side
  assert abs(leaning.square.side - side) < 0.15 * side
  # The whole picture turned around its middle, and the square's middle too.
  angle = np.radians(25)
  turn = np.array(
    [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
  )
  middles = [
    np.add(x.square[:2], x.square.side / 2) - 128 for x in (upright, leaning)
  ]
  assert np.abs(turn @ middles[0] - middles[1]).max() < 0.1 * side
