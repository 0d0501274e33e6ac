import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import gaze
from data_pipelines.faces.gaze import Irises
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.synthetic.acting import ActedVideo
from data_pipelines.synthetic.performance import Performance

ASIDE = np.radians([[-20, 0], [0, 0], [20, 0], [0, 15]])


@pytest.fixture(scope='module')
def seen():
  """Pictures of a rendered person who looks aside, and landmarks."""
  try:
    Irises()
    detector = LandmarkDetector('mediapipe')
  except DataError as error:
    pytest.skip(str(error))
  still = [np.zeros((len(ASIDE), n), np.float32) for n in (3, 3, 52)]
  pictures = list(ActedVideo(Performance(*still, np.float32(ASIDE)), 256))
  return pictures, [detector.find(picture) for picture in pictures]


def test_irises_stand_where_eyes_look(seen):
  left, ahead, right, down = (
    Irises().find(*pair) for pair in zip(*seen, strict=True)
  )
  assert left[0] < ahead[0] - 0.1 and ahead[0] + 0.1 < right[0]
  assert abs(ahead[0]) < 0.05
  assert down[1] > ahead[1] + 0.03 and abs(down[0] - ahead[0]) < 0.05


def test_a_mirror_turns_them_round(seen):
  picture, landmarks = seen[0][2], seen[1][2]
  other = landmarks * [-1, 1] + [256, 0]
  order = np.arange(68)
  order[36:48] = [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
  mirrored = Irises().find(
    np.ascontiguousarray(picture[:, ::-1]), np.float32(other[order])
  )
  found = Irises().find(picture, landmarks)
  np.testing.assert_allclose(mirrored, found * [-1, 1], atol=0.03)


def test_another_file_of_the_network_is_told(monkeypatch):
  monkeypatch.setattr(gaze, '_SHA256', 'another')
  with pytest.raises(DataError, match='install'):
    Irises()
