import itertools
import weakref

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import (
  DlibFaces,
  Face,
)
from data_pipelines.faces.follow import (
  Track,
  choose,
  follow_faces,
)
from data_pipelines.synthetic import rendered_faces

GRID = np.stack(np.meshgrid(np.linspace(0, 1, 17), np.linspace(0.3, 1, 4)), -1)


def face(box):
  box = np.array(box, np.float32)
  landmarks = box[:2] + GRID.reshape(68, 2) * (box[2:] - box[:2])
  return Face(box, landmarks.astype(np.float32))


def square(x, y=50.0, side=40.0):
  return [x - side / 2, y - side / 2, x + side / 2, y + side / 2]


def video(*scenes):
  """Frames that tell their number: in each scene so many, then a cut."""
  index = 0
  for seed, frames in enumerate(scenes):
    pattern = np.random.default_rng(seed).uniform(20, 200, (16, 16))
    frame = np.repeat(np.kron(pattern, np.ones((2, 2)))[..., None], 3, axis=2)
    for _ in range(frames):
      numbered = frame.astype(np.uint8)
      numbered[0, 0] = index // 256, index % 256, 0
      yield numbered
      del numbered
      index += 1


class Script:
  """Finds what functions from a frame's number to a box (or None) say."""

  def __init__(self, *people):
    self.people = people
    self.searched = []

  def find(self, picture):
    index = 256 * int(picture[0, 0, 0]) + int(picture[0, 0, 1])
    self.searched.append(index)
    boxes = [person(index) for person in self.people]
    return [face(box) for box in boxes if box is not None]

  def identity(self, picture, face):
    raise AssertionError('nobody asked who it is')


def still(x, lost=()):
  return lambda index: None if index in lost else square(x)


def between(first, last, box):
  return lambda index: box if first <= index <= last else None


def spans(found):
  """First and last frame of each track."""
  return [(t.start, t.start + len(t.faces) - 1) for t in found]


def boxes(track):
  return np.array([f.box for f in track.faces])


@pytest.mark.parametrize('every', [1, 2, 3, 7])
@pytest.mark.parametrize('frames', [30, 31])
def test_a_still_face_is_one_track_of_all_frames(every, frames):
  (track,) = follow_faces(video(frames), Script(still(60)), every=every)
  assert spans([track]) == [(0, frames - 1)]
  np.testing.assert_array_equal(boxes(track), [square(60)] * frames)


@pytest.mark.parametrize('every', [1, 2, 5])
def test_faces_are_interpolated_between_the_frames_searched(every):
  path = lambda index: square(30 + 2.5 * index, 50 - index)
  script = Script(path)
  (track,) = follow_faces(video(41), script, every=every)
  assert script.searched == list(range(0, 41, every))
  for index, found in enumerate(track.faces):
    for one, other in zip(found, face(path(index)), strict=True):
      assert one.dtype == np.float32
      np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.parametrize('lost', [1, 6, 12])
def test_a_face_lost_for_a_while_is_followed(lost):
  gap = range(30, 30 + lost)
  (track,) = follow_faces(video(80), Script(still(60, gap)), every=1)
  assert spans([track]) == [(0, 79)]
  nowhere = [index for index, f in enumerate(track.faces) if f is None]
  assert nowhere == list(gap)


@pytest.mark.parametrize('every', [1, 2, 3])
def test_a_face_lost_for_longer_is_two_tracks(every):
  gap = range(31, 31 + 12 + 2 * every)
  found = follow_faces(video(100), Script(still(60, gap)), every=every)
  (start, end), (again, last) = spans(found)
  assert (start, last) == (0, 99)
  assert 31 - every <= end < 31 and 0 <= again - gap.stop < every
  assert None not in found[0].faces


def test_a_track_of_too_few_frames_is_dropped():
  script = Script(between(10, 33, square(60)), between(50, 74, square(60)))
  assert spans(follow_faces(video(90), script, every=1)) == [(50, 74)]
  assert len(follow_faces(video(90), script, every=1, least=24)) == 2


@pytest.mark.parametrize('every', [1, 2, 5])
def test_nobody_is_followed_through_a_cut(every):
  found = follow_faces(video(31, 44, 32), Script(still(60)), every=every)
  assert spans(found) == [(0, 30), (31, 74), (75, 106)]


@pytest.mark.parametrize('every', [1, 2, 4])
def test_a_track_ends_near_where_its_face_does(every):
  script = Script(between(23, 89, square(60)))
  ((start, end),) = spans(follow_faces(video(120), script, every=every))
  assert 0 <= start - 23 < every and 0 <= 89 - end < every


def test_a_face_elsewhere_is_another_one():
  jump = lambda index: square(30 if index < 40 else 75)
  assert spans(follow_faces(video(80), Script(jump), every=1)) == [
    (0, 39),
    (40, 79),
  ]


@pytest.mark.parametrize('every', [1, 2, 3])
def test_two_people_have_a_track_each(every):
  sway = lambda index: square(100 + 8 * np.sin(index / 5))
  left, right = follow_faces(video(60), Script(sway, still(40)), every=every)
  if boxes(left)[0, 0] > boxes(right)[0, 0]:
    left, right = right, left
  np.testing.assert_array_equal(boxes(left), [square(40)] * 60)
  assert spans([left, right]) == [(0, 59)] * 2
  assert (boxes(right)[:, 0] > 70).all()


@pytest.mark.parametrize('every', [1, 2])
@pytest.mark.parametrize('pace', [2.0, 4.0])
@pytest.mark.parametrize('hidden', [False, True])
def test_two_people_may_pass_one_another(hidden, pace, every):
  middle = 40

  def front(index):
    return square(200 + pace * (index - middle), 50)

  def behind(index):
    box = square(200 - pace * (index - middle), 58)
    covered = abs(box[0] - front(index)[0]) < 22
    return None if hidden and covered else box

  found = follow_faces(video(81), Script(front, behind), every=every)
  assert spans(found) == [(0, 80)] * 2
  for track, way in zip(found, (1, -1), strict=True):
    one, other = track.faces[0].box, track.faces[-1].box
    assert other[0] - one[0] == pytest.approx(way * pace * 80)
    assert other[1] == one[1]


@pytest.mark.parametrize('scenes', [(), (1,), (30,), (30, 40)])
def test_a_video_without_faces_has_no_tracks(scenes):
  assert follow_faces(video(*scenes), Script()) == []


def test_a_single_frame_can_be_a_track():
  assert spans(follow_faces(video(1), Script(still(60)), least=1)) == [(0, 0)]


def test_a_few_frames_are_in_memory_at_once():
  made, most = [], 0

  def frames():
    nonlocal most
    for frame in video(40, 40):
      made.append(weakref.ref(frame))
      most = max(most, sum(one() is not None for one in made))
      yield frame

  assert len(follow_faces(frames(), Script(still(60)))) == 2
  assert len(made) == 80 and most <= 3


def test_the_same_video_has_the_same_tracks():
  sway = lambda index: square(100 + 8 * np.sin(index / 5))
  once, again = (
    follow_faces(video(40, 40), Script(sway, still(40, range(20, 25))))
    for _ in range(2)
  )
  assert spans(once) == spans(again)
  for one, other in zip(once, again, strict=True):
    for a, b in zip(one.faces, other.faces, strict=True):
      assert (a is None) == (b is None)
      assert a is None or np.array_equal(a.box, b.box)


def track(start, end, x, side=40):
  return Track(start, (face(square(x, side=side)),) * (end - start))


SMALL, LARGE, RIGHT = (
  track(0, 100, 50),
  track(0, 100, 150, 60),
  track(10, 90, 250),
)
ALONE, PAIR = track(100, 150, 300), track(120, 150, 80, 50)
TRACKS = [SMALL, LARGE, RIGHT, ALONE, PAIR]


@pytest.mark.parametrize(
  'people, expected',
  [
    ('all', TRACKS),
    ('largest', [LARGE, ALONE]),
    ('leftmost', [SMALL, PAIR]),
    ('0', [SMALL, PAIR]),
    ('1', [LARGE, ALONE]),
    ('2', [RIGHT]),
    ('3', []),
  ],
)
def test_people_are_chosen_in_each_stretch_of_time(people, expected):
  found = choose(TRACKS, people)
  assert [id(track) for track in found] == [id(track) for track in expected]


def test_who_is_lost_and_found_keeps_the_place():
  again, other = track(150, 300, 55), track(0, 300, 200)
  left = track(0, 140, 50)
  assert choose([left, other, again], 'leftmost') == [left, again]
  assert choose([left, other, again], '1') == [other]


@pytest.mark.parametrize('people', ['largest', 'leftmost', '0', '1', '2'])
def test_the_chosen_share_no_frame(people):
  random = np.random.default_rng(0)
  many = [
    track(start, start + int(random.integers(5, 60)), random.uniform(0, 500))
    for start in sorted(random.integers(0, 200, 30).tolist())
  ]
  found = choose(many, people)
  assert found
  for one, other in itertools.pairwise(found):
    assert one.start + len(one.faces) <= other.start


def test_every_track_has_one_place():
  places = [choose(TRACKS, str(place)) for place in range(4)]
  placed = [id(track) for track in itertools.chain(*places)]
  assert sorted(placed) == sorted(map(id, TRACKS))


@pytest.mark.parametrize('people', ['', 'biggest', '-1', '1.5', 'Largest'])
def test_another_choice_is_one_clear_line(people):
  message = r"\A[^\n]*'largest', 'leftmost', 'all' or a number[^\n]*\Z"
  with pytest.raises(DataError, match=message):
    choose(TRACKS, people)


def test_no_tracks_no_choice():
  assert choose([], 'largest') == choose([], '0') == choose([], 'all') == []


def test_a_rendered_head_is_followed_from_cut_to_cut():
  try:
    finder = DlibFaces()
  except DataError:
    pytest.skip('dlib or its models are not installed')
  people = (0, 2)
  frames = [
    rendered_faces.frame(person, index / 25, 96, clean=True)
    for person in people
    for index in range(9)
  ]
  found = follow_faces((f.image for f in frames), finder, least=8, every=4)
  assert spans(found) == [(0, 8), (9, 17)]
  for one in found:
    for index, seen in enumerate(one.faces, one.start):
      true = frames[index].landmarks
      error = np.linalg.norm(seen.landmarks - true, axis=1).mean()
      assert error < 0.1 * np.ptp(true[:, 0])
