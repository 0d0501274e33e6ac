"""Finds the 68 iBUG landmarks of faces, for scores."""

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import DlibFaces, Face, Network
from data_pipelines.faces.finders import face_finder


class LandmarkDetector:
  """The landmarks of a picture's largest face, and whose face it is.

  Every picture is searched anew: dlib's landmarks start from the face's box
  and leave it only in part, so that in the box of another frame they would be
  drawn towards that frame, and faces that are far apart would seem nearer.
  """

  identifies = True  # False: `identity` lacks dlib

  def __init__(self, detector: str = ''):
    """Makes a detector.

    Args:
      detector: see `face_finder`.

    Raises:
      DataError: what it needs is not installed.
    """
    self._finder = face_finder(detector)
    try:
      DlibFaces()
    except DataError:
      self.identifies = False

  def find(self, picture: np.ndarray) -> np.ndarray | None:
    """Returns the landmarks of the largest face, None where there is no face.

    Args:
      picture: uint8 (h, w, 3) in RGB.

    Returns:
      float32 (68, 2), (x, y) in pixels of `picture`, which spans [0, w] x
      [0, h]; points may lie outside of it.
    """
    faces = self._finder.find(picture)
    return faces[0].landmarks if faces else None

  def identity(self, picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Returns float32 (128,), near one another for pictures of one person.

    Args:
      picture: uint8 (h, w, 3) in RGB.
      landmarks: of the face in it, as `find` returns them.

    Raises:
      DataError: dlib is not installed.
    """
    box = np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)])
    return self._finder.identity(picture, Face(box, landmarks))

  def networks(self) -> list[Network]:
    """Returns what finds the landmarks, and what identifies faces."""
    identity = [DlibFaces().identity_network()] if self.identifies else []
    return [*self._finder.networks(), *identity]
