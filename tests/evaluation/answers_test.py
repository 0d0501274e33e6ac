import numpy as np
import pytest

from dagan_jax.evaluation import answers
from dagan_jax.evaluation.answers import (
  COPY,
  SOURCE,
  TRUTH,
  Clip,
  read_clips,
  render_people,
  write_answers,
)
from dagan_jax.weights.boxed import open_trained
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.framing import Framing
from data_pipelines.media.pictures import read_picture, write_picture
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.synthetic import rendered_faces
from tests.support import tiny


@pytest.fixture(scope='module')
def model(workdir_without_depth):
  return open_trained(workdir_without_depth)


def read(folder):
  return np.stack([read_picture(path) for path in sorted(folder.iterdir())])


def test_every_model_stands_beside_its_moved_source_and_a_copy(model, tmp_path):
  frames = tiny.video(11, 64)  # a batch, and a rest
  names = write_answers({'m': model}, [Clip('a', frames)], tmp_path)
  assert names == [COPY, 'm', 'm moved']
  np.testing.assert_array_equal(read(tmp_path / TRUTH / 'a'), frames[1:])
  np.testing.assert_array_equal(
    read_picture(tmp_path / SOURCE / 'a.png'), frames[0]
  )
  copied, drawn, moved = (read(tmp_path / name / 'a') for name in names)
  assert (copied == frames[0]).all()
  assert drawn.shape == moved.shape == frames[1:].shape
  assert (drawn != moved).any()


def test_clips_may_have_any_length(tmp_path):
  clips = [Clip('a', tiny.video(2)), Clip('b', tiny.video(4))]
  assert write_answers({}, clips, tmp_path) == [COPY]
  counts = [len(read(tmp_path / COPY / name)) for name in 'ab']
  assert counts == [1, 3]


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

  monkeypatch.setattr(answers, 'face_finder', lambda: None)
  monkeypatch.setattr(answers.framing, 'of_video', find)
  (clip,) = read_clips(tmp_path, 2, 2, 32)
  assert clip.name == 'b'
  assert clip.frames.shape == (3, 32, 32, 3)


def test_a_folder_without_videos_is_told(tmp_path):
  with pytest.raises(DataError, match='no video'):
    list(read_clips(tmp_path, 1, 1, 32))
