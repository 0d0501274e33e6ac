import functools
import sys

import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces import person_mask as module
from data_pipelines.faces import selfie_segmentation
from data_pipelines.faces.person_mask import person_mask
from data_pipelines.synthetic import rendered_faces


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
  """Nothing but GrabCut, whatever is installed."""
  monkeypatch.setattr(module, 'segment_person', lambda picture: None)


@pytest.fixture
def opencv():
  return pytest.importorskip('cv2')


@pytest.fixture(params=['detected', 'assumed'])
def face(request, monkeypatch):
  """Whether something finds the face in the portrait."""
  if request.param == 'assumed':

    def missing():
      raise DataError('not installed')

    monkeypatch.setattr(module, 'face_finder', missing)
  else:
    try:
      module.face_finder()
    except DataError as error:
      pytest.skip(str(error))
  return request.param


@functools.cache
def seen(index):
  """A rendered face, which several tests look at."""
  return rendered_faces.frame(index, 0.7, 128)


@functools.cache
def mask_of(index, face):
  """Its mask, found once for each way to find the face."""
  return person_mask(seen(index).image)


def overlap(mask, truth):
  mask = mask[..., 0] > 0.5
  return (mask & truth).sum() / (mask | truth).sum()


def large(truth, size):
  return np.asarray(Image.fromarray(truth).resize((size, size))) > 0


def test_the_mask_is_the_person_of_a_rendered_face(opencv, face):
  faces = (1, 3, 6)
  overlaps = [
    overlap(mask_of(index, face), seen(index).foreground) for index in faces
  ]
  # A wall that looks like the person may go with them, never the other way.
  assert np.median(overlaps) > 0.8 and min(overlaps) > 0.55
  for index in faces:
    mask = mask_of(index, face)[..., 0] > 0.5
    assert mask[seen(index).foreground].mean() > 0.9


def test_the_mask_does_not_depend_on_the_size(opencv, face):
  # Not 3, whose wall GrabCut gives to him or not at the smallest change.
  frame, mask = seen(6), mask_of(6, face)
  for size in (64, 300):
    scaled = np.asarray(Image.fromarray(frame.image).resize((size, size)))
    other = person_mask(scaled)
    assert other.shape == (size, size, 1)
    assert overlap(other, large(mask[..., 0] > 0.5, size)) > 0.9


def test_a_wide_portrait_has_its_mask_where_the_person_is(opencv):
  pytest.importorskip('dlib')
  frame = seen(4)
  wide = np.pad(frame.image, [(0, 0), (90, 0), (0, 0)], mode='edge')
  mask = person_mask(wide)
  assert mask.shape == (128, 218, 1)
  assert overlap(mask[:, 90:], frame.foreground) > 0.85


def test_the_edge_is_soft_and_all_else_is_decided(opencv, face):
  mask = mask_of(3, face)[..., 0]
  assert mask.dtype == np.float32 and mask.min() == 0 and mask.max() == 1
  assert np.abs(np.diff(mask, axis=0)).max() < 0.8
  assert 0 < np.mean((mask > 0) & (mask < 1)) < 0.15


def test_a_mask_is_the_same_every_time(opencv):
  picture = rendered_faces.image(1, 0.7, 64)
  np.testing.assert_array_equal(person_mask(picture), person_mask(picture))


def test_a_picture_of_nothing_is_one_clear_line(opencv):
  picture = np.zeros((64, 64, 3), np.uint8)
  picture += np.arange(0, 192, 3, dtype=np.uint8)[:, None, None]
  with pytest.raises(DataError, match=r'\A[^\n]*--background=static[^\n]*\Z'):
    person_mask(picture)


def test_without_opencv_it_says_what_to_install(monkeypatch):
  monkeypatch.setitem(sys.modules, 'cv2', None)
  with pytest.raises(DataError, match=r"\A[^\n]*'dagan_jax\[eval\]'\Z"):
    person_mask(np.zeros((8, 8, 3), np.uint8))


def test_a_network_that_sees_people_needs_neither_opencv_nor_a_face(
  monkeypatch,
):
  monkeypatch.setitem(sys.modules, 'cv2', None)
  seen = np.zeros((256, 256), bool)
  seen[64:, 64:192] = True
  seen[100:110, 100:110] = False  # a hole
  seen[:9, :9] = True  # nothing of the person
  monkeypatch.setattr(module, 'segment_person', lambda picture: seen)
  mask = person_mask(np.zeros((64, 128, 3), np.uint8))
  assert mask.shape == (64, 128, 1) and not mask[:8].any()
  expected = np.zeros((64, 128), bool)
  expected[16:, 32:96] = True
  assert overlap(mask, expected) > 0.97


def test_where_a_network_sees_nobody_it_says_so(monkeypatch):
  nobody = np.zeros((256, 256), bool)
  monkeypatch.setattr(module, 'segment_person', lambda picture: nobody)
  with pytest.raises(DataError, match='--background=static'):
    person_mask(np.zeros((8, 8, 3), np.uint8))


def test_no_other_file_than_the_known_one_is_run(tmp_path, monkeypatch):
  path = tmp_path / selfie_segmentation._FILE
  path.parent.mkdir(parents=True)
  path.write_bytes(b'another network')
  monkeypatch.setattr(
    selfie_segmentation, 'locate_package', lambda package: tmp_path
  )
  picture = np.zeros((8, 8, 3), np.uint8)
  assert selfie_segmentation.segment_person(picture) is None


@pytest.mark.skipif(
  selfie_segmentation.segment_person(np.zeros((8, 8, 3), np.uint8)) is None,
  reason="needs MediaPipe's selfie segmentation",
)
def test_the_network_sees_rendered_people():
  for index in (1, 3, 6):
    person = selfie_segmentation.segment_person(seen(index).image)
    found = large(person, 128)[..., None]
    assert overlap(found, seen(index).foreground) > 0.9
