import sys

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.faces.mediapipe_faces import MediaPipeFaces
from data_pipelines.synthetic import rendered_faces

EYES = slice(36, 42), slice(42, 48)


@pytest.fixture(scope='module', params=['mediapipe', 'dlib'])
def detector(request):
  try:
    return LandmarkDetector(request.param)
  except DataError as error:
    pytest.skip(str(error))


def between_eyes(landmarks):
  left, right = (landmarks[eye].mean(axis=0) for eye in EYES)
  return np.linalg.norm(left - right)


def distance(found, true):
  """Mean distance as a share of the eyes'."""
  return np.linalg.norm(found - true, axis=1).mean() / between_eyes(true)


@pytest.mark.parametrize('size', [64, 128, 256])
def test_the_landmarks_of_rendered_faces_are_near_the_true_ones(detector, size):
  distances = []
  for index in range(4):
    frame = rendered_faces.frame(index, 0.0, size, clean=True)
    found = detector.find(frame.image)
    assert found.shape == (68, 2)
    assert found.dtype == np.float32
    distances.append(distance(found, frame.landmarks))
  assert np.mean(distances) < 0.12  # some are small or off the middle


def test_landmarks_are_where_they_are_in_a_larger_picture(detector):
  frame = rendered_faces.frame(0, 0.0, 128)
  wide = np.full((192, 256, 3), 128, np.uint8)
  wide[40:168, 100:228] = frame.image
  found = detector.find(wide)
  assert distance(found - (100, 40), frame.landmarks) < 0.1


def test_the_largest_of_several_faces_counts(detector):
  large = rendered_faces.frame(3, 0.0, 256)
  small = rendered_faces.frame(1, 0.0, 192)
  both = np.full((256, 448, 3), 128, np.uint8)
  both[:192, :192], both[:, 192:] = small.image, large.image
  assert distance(detector.find(both) - (192, 0), large.landmarks) < 0.1
  assert detector.find(both[:, :192])[:, 0].max() < 192


@pytest.mark.parametrize('shape', [(64, 64), (300, 200)])
def test_a_grey_picture_has_no_face(detector, shape):
  assert detector.find(np.full((*shape, 3), 128, np.uint8)) is None


def test_a_missing_package_is_named_with_its_cure(monkeypatch):
  for package in ('dlib', 'ai_edge_litert'):
    monkeypatch.setitem(sys.modules, package, None)
  with pytest.raises(DataError, match=r'pip install .dagan_jax\[eval\]'):
    LandmarkDetector()


def test_landmarks_need_no_dlib_and_identity_does(monkeypatch):
  try:
    MediaPipeFaces()
  except DataError as error:
    pytest.skip(str(error))
  monkeypatch.setitem(sys.modules, 'dlib', None)
  detector = LandmarkDetector()
  picture = rendered_faces.image(0, 0.0, 64)
  landmarks = detector.find(picture)
  assert landmarks.shape == (68, 2) and not detector.identifies
  with pytest.raises(DataError, match='dlib is not installed'):
    detector.identity(picture, landmarks)


def test_one_rendered_person_is_nearer_to_himself_than_to_another(detector):
  if not detector.identifies:
    pytest.skip('dlib is not installed')
  pictures = [
    rendered_faces.image(index, time, 128)
    for index, time in ((0, 0.0), (0, 2.0), (1, 0.0))
  ]
  one, later, other = (
    detector.identity(picture, detector.find(picture)) for picture in pictures
  )
  assert np.linalg.norm(one - later) < np.linalg.norm(one - other)
