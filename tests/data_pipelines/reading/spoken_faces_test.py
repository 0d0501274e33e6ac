"""Pictures of speakers with the motion around them."""

import shutil

import numpy as np
import pytest
from ml_collections import ConfigDict

from data_pipelines.errors.mendable import DataError
from data_pipelines.reading import pipeline
from data_pipelines.reading.speeches import Speeches
from data_pipelines.reading.spoken_faces import SpokenFaces
from tests.support import built_speakers

FRAMES, STEP = 5, 10  # pictures of a speech, and its frames between two


@pytest.fixture(autouse=True)
def no_tensorflow():
  """Not forbidden, as conftest does: TFDS takes its None for TensorFlow."""


@pytest.fixture(scope='module')
def data(tmp_path_factory):
  folder = tmp_path_factory.mktemp('data')
  few = {'speakers': 2, 'test_fraction': 0.5, 'frames': FRAMES, 'size': 32}
  built_speakers.build(folder, **few)
  return ConfigDict(
    {
      'source': 'spoken_faces',
      'path': str(folder),
      'image_size': 32,
      'batch_size': 2,
      'workers': 0,
      'prefetch': 1,
      'seed': 1,
      'sampler': 'motion_pairs',
      'landmarks': False,
      'eval_frames': 2,
      'eval_clips': 0,
    }
  )


def test_the_middle_of_a_window_is_the_motion_of_its_picture(data):
  faces, speeches = SpokenFaces(data, 'train'), Speeches(data, 'train')
  whole = speeches.sequence(0, range(50))
  for index in range(FRAMES):
    window = faces.motion(0, index)
    assert window.shape == (27, 72)
    middle = np.concatenate(
      [whole[name][STEP * index] for name in ('expression', 'pose', 'gaze')]
    )
    np.testing.assert_array_equal(window[13], middle)
  np.testing.assert_array_equal(faces.motion(0, 0)[0], faces.motion(0, 0)[13])


def test_a_batch_has_two_pictures_of_a_speaker_and_motion(data):
  batches = pipeline.make_iterator(data, 'train')
  batch = next(batches)
  batches.close()
  assert batch['source'].shape == batch['driving'].shape == (2, 32, 32, 3)
  assert batch['motion'].shape == (2, 27, 72)
  (shown,) = list(pipeline.make_iterator(data, 'test'))
  expected = SpokenFaces(data, 'test').motion(0, 2)
  np.testing.assert_array_equal(shown['motion'][0], expected)


def test_speeches_without_pictures_are_told_in_one_line(data, tmp_path):
  shutil.copytree(f'{data.path}/speakers/speech', tmp_path / 'speech')
  alone = ConfigDict({**data, 'path': str(tmp_path)})
  with pytest.raises(DataError, match=r'no pictures of them: .*--frames=N'):
    SpokenFaces(alone, 'train')
