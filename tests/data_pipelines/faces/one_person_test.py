import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.one_person import follow_person, spans
from tests.support.drawn_faces import DiscFinder, picture

ME, OTHER = 30, 120  # greens by which the finder tells people apart
SIZE = (96, 160)


def frame(*discs, lines=0):
  """A room with striped walls, so that another one is seen to be another."""
  image = picture(*discs, size=SIZE)
  if lines:
    stripes = np.arange(SIZE[1]) // lines % 2 == 0
    image[:20, stripes] = image[76:, stripes] = 255
  return image


def me(x=50, radius=16):
  return (x, 48, radius, ME)


def other(x=110, radius=12):
  return (x, 48, radius, OTHER)


def follow(frames, person='largest', rate=25):
  return follow_person(frames, DiscFinder(), person, rate)


def holds(square, x, radius):
  return square.left <= x - radius and x + radius <= square.left + square.side


def test_one_person_who_stays_has_one_square_with_room_for_all_his_places():
  found = follow([frame(me(50 + k)) for k in range(30)])
  assert found.seen.all() and not found.cuts and not found.others
  (square,) = found.squares.values()
  assert holds(square, 50, 16) and holds(square, 79, 16)


@pytest.mark.parametrize('lost', [range(10, 35), range(13, 21), [20], range(8)])
def test_frames_without_a_face_are_known_one_by_one(lost):
  frames = [frame(*([] if k in lost else [me()])) for k in range(50)]
  found = follow(frames)
  assert [*np.flatnonzero(~found.seen)] == [*lost]
  assert not found.replaced.any() and len(found.squares) == 1


def test_who_is_nearest_is_not_followed_when_he_is_somebody_else():
  frames = [frame(me()) for _ in range(20)] + [frame(other(60))] * 15
  found = follow(frames)
  assert [*np.flatnonzero(~found.seen)] == [*range(20, 35)]
  np.testing.assert_array_equal(found.replaced, ~found.seen)
  (square,) = found.squares.values()
  np.testing.assert_allclose(square, follow(frames[:20]).squares[0], atol=1)


def test_a_person_who_comes_back_is_known_again():
  away = [frame(other())] * 15
  found = follow([frame(me())] * 20 + away + [frame(me(), other())] * 20)
  assert spans(~found.seen) == [(20, 34)]


@pytest.mark.parametrize(('person', 'x'), [('largest', 110), ('first', 50)])
def test_the_largest_or_the_first_person_is_followed_as_asked(person, x):
  frames = [frame(me(50, 12))] * 15 + [frame(me(50, 12), other(110, 20))] * 30
  found = follow(frames, person)
  assert holds(found.squares[0], x, 12)
  assert not holds(found.squares[0], 160 - x, 12)
  assert len(found.others) == 1
  assert spans(~found.seen) == ([(0, 14)] if person == 'largest' else [])


def test_each_shot_has_a_square_of_its_own_unless_they_hardly_differ():
  near, far = frame(me(50, 24)), frame(me(110, 10), lines=8)
  found = follow([near] * 20 + [far] * 20 + [near] * 20)
  assert found.cuts == [20, 40] and list(found.squares) == [0, 20, 40]
  assert holds(found.squares[0], 50, 24) and holds(found.squares[20], 110, 10)
  assert found.squares[20].side < found.squares[0].side / 2
  found = follow([near] * 20 + [frame(me(52, 23), lines=8)] * 20)
  assert found.cuts == [20] and list(found.squares) == [0]


def test_the_first_square_counts_from_the_first_frame():
  found = follow([frame(lines=8)] * 20 + [frame(me())] * 20)
  assert list(found.squares) == [0] and spans(~found.seen) == [(0, 19)]


def test_even_a_single_frame_or_picture_shows_somebody():
  for count in (1, 2):
    found = follow([frame(me())] * count)
    assert found.seen.tolist() == [True] * count
  assert follow([frame()] * 9) is None and follow([]) is None


def test_a_face_of_a_moment_is_nobody():
  frames = [frame(me()) for _ in range(30)]
  frames[9] = frame(me(), other(110, 30))
  found = follow(frames)
  assert found.seen.all() and not found.others


def test_a_third_choice_is_refused():
  with pytest.raises(DataError, match='largest, first'):
    follow([frame(me(), other())] * 9, 'nicest')


def test_spans_are_runs_of_marks():
  marked = np.array([1, 1, 0, 1, 0, 0, 1], bool)
  assert spans(marked) == [(0, 1), (3, 3), (6, 6)]
  assert spans(marked[:0]) == [] and spans(marked[2:3]) == []


def test_without_what_knows_faces_whoever_is_largest_is_followed(monkeypatch):
  def fail(*_):
    raise DataError('dlib is not installed')

  monkeypatch.setattr(DiscFinder, 'identity', fail)
  found = follow([frame(me())] * 20 + [frame(lines=8)] * 15 + [frame(me())] * 9)
  assert spans(~found.seen) == [(20, 34)] and not found.replaced.any()
