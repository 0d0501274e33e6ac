import pytest

from data_pipelines.builders.work import clip_plans
from data_pipelines.builders.work.jobs import Job
from data_pipelines.faces.follow import Track
from tests.support import drawn_faces


@pytest.mark.parametrize(
  'box_size, expected',
  [
    (None, (20, 10, 40)),
    ((320, 240), (20, 10, 40)),
    ((640, 480), (10, 5, 20)),
    ((0, 480), (10, 5, 20)),
    # Half as wide as listed, as high: the box is narrower, the square is not.
    ((640, 240), (0, 10, 40)),
  ],
)
def test_a_box_is_scaled_from_the_listed_video_and_squared(box_size, expected):
  job = Job('a', 'a.mp4', box=(20, 10, 60, 50), box_size=box_size)
  assert clip_plans.box_square(job, 320, 240) == pytest.approx(expected)


def test_long_tracks_are_divided_between_faces_that_were_seen():
  face = drawn_faces.face_in((0, 9), (0, 9))
  faces = [face] * 100
  faces[45:55] = [None] * 10
  parts = clip_plans.divide(Track(7, tuple(faces)), 60, 20)
  assert [(part.start, len(part.faces)) for part in parts] == [
    (7, 45),
    (62, 45),
  ]
  assert clip_plans.divide(Track(7, tuple(faces)), 60, 46) == []
  assert len(clip_plans.divide(Track(7, tuple(faces)), 100, 20)) == 1
