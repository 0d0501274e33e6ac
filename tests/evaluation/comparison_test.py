import numpy as np
import pytest

from dagan_jax.evaluation import comparison
from dagan_jax.evaluation.comparison import (
  COPY,
  Clip,
  compare_models,
  read_clips,
  render_people,
)
from dagan_jax.weights.boxed import open_trained
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.framing import Framing
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.media.pictures import write_picture
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.synthetic import rendered_faces
from tests.support import tiny


class Corner(LandmarkDetector):
  """Finds landmarks as far out as the first pixel is red; black is no face."""

  def __init__(self):
    pass

  def find(self, picture):
    red = picture[0, 0, 0]
    return np.arange(136.0).reshape(68, 2) + red if red else None

  def identity(self, picture, landmarks):
    return np.full(128, landmarks[0, 0] / 1000, np.float32)


@pytest.fixture(scope='module')
def model(workdir_without_depth):
  return open_trained(workdir_without_depth)


def test_every_model_stands_beside_its_moved_source_and_a_copy(model):
  frames = tiny.video(11, 64)  # a batch, and a rest
  frames[:, 0, 0] = 10
  frames[4, 0, 0] = 0
  scores = compare_models({'m': model}, [Clip('a', frames)], {}, Corner())
  assert list(scores) == [COPY, 'm', 'm, moved']
  for row in scores.values():
    assert row['l1'].frames == 10
    assert row['landmark_distance'].frames <= 9
  copied = scores[COPY]
  expected = np.abs(frames[1:] / 255.0 - frames[0] / 255.0).mean()
  assert copied['l1'].value == pytest.approx(expected, rel=1e-4)
  assert copied['landmarks_found'].value == pytest.approx(0.9)
  assert copied['landmark_distance'] == (0, 9)
  assert copied['identity_distance'] == (0, 9)


def test_clips_of_all_lengths_count_frame_by_frame(model):
  still, moving = tiny.video(1), tiny.video(4)
  clips = [Clip('still', np.repeat(still, 2, axis=0)), Clip('b', moving)]
  row = compare_models({}, clips, {}, None)[COPY]
  error = np.abs(moving[1:] / 255.0 - moving[0] / 255.0).mean()
  assert row['l1'].frames == 4
  assert row['l1'].value == pytest.approx(3 / 4 * error, rel=1e-4)
  assert 'landmarks_found' not in row


def test_rendered_people_are_always_the_same_and_held_out():
  (one,) = render_people(1, 2, 32)
  (again,) = render_people(1, 2, 32)
  np.testing.assert_array_equal(one.frames, again.frames)
  assert one.frames.shape == (3, 32, 32, 3)
  first = rendered_faces.image(rendered_faces.FIRST_TEST_FACE, 0.0, 32)
  np.testing.assert_array_equal(one.frames[0], first)


def test_a_clip_without_a_face_is_left_out(tmp_path, monkeypatch):
  for name in 'ab':
    with VideoWriter(tmp_path / f'{name}.mp4', 25) as writer:
      for frame in tiny.video(7, 64):
        writer.write(frame)
  write_picture(tmp_path / 'c.png', tiny.video(1)[0])

  def find(frames, finder, name):
    if name == 'a.mp4':
      raise DataError('no face')
    return Framing(Square(0, 0, 64))

  monkeypatch.setattr(comparison, 'face_finder', lambda: None)
  monkeypatch.setattr(comparison.framing, 'of_video', find)
  (clip,) = read_clips(tmp_path, 2, 2, 32)
  assert clip.name == 'b'
  assert clip.frames.shape == (3, 32, 32, 3)


def test_a_folder_without_videos_is_told(tmp_path):
  with pytest.raises(DataError, match='no video'):
    list(read_clips(tmp_path, 1, 1, 32))
