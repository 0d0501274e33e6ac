"""Which of the face finders is taken, by its name."""

from absl import logging

from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.find import DlibFaces, InstalledFinder, YuNetFaces
from data_pipelines.faces.mediapipe_faces import MediaPipeFaces

_FINDERS = {'mediapipe': MediaPipeFaces, 'dlib': DlibFaces}


def face_finder(detector: str = '') -> InstalledFinder:
  """What finds faces.

  Args:
    detector: 'mediapipe', 'dlib', or the path of YuNet's .onnx file. '' is
      MediaPipe, or dlib where only that is installed, as the log says then.

  Raises:
    DataError: a package is not installed, or the file is no such model.
  """
  if detector:
    return _FINDERS.get(detector, lambda: YuNetFaces(detector))()
  try:
    return MediaPipeFaces()
  except DataError as error:
    try:
      found = DlibFaces()
    except DataError:
      raise error from None
    logging.info(
      'faces are found by dlib, whose landmarks no commercial product may use:'
      ' %s',
      error,
    )
    return found
