"""What is looked for in pictures on the host: faces, and whose they are."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from absl import logging
from jaxtyping import UInt8

from dagan_jax.metrics.table import compute_metrics
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.synthetic.head_pose import head_poses


def open_detector() -> tuple[LandmarkDetector | None, str]:
  """The detector of faces, or why there is none; the log says so, too."""
  try:
    return LandmarkDetector(), ''
  except DataError as error:
    logging.warning('nothing is said of faces: %s', error)
    return None, str(error)


def score_faces(
  detector: LandmarkDetector, pictures: dict[str, Any]
) -> dict[str, np.ndarray]:
  """How far the faces of answers are from those of the true pictures.

  Values 'b' of all metrics of landmarks, identity and pose, NaN where a face is
  not found; and `landmarks_found`, 1 where both are, else 0.

  Read both: in blurred answers faces are not found (MediaPipe loses 4 % of
  rendered ones at a deviation of 4 pixels in 256, 67 % at 8), and the means
  leave them out. The detector looks at the truth as well, even where rendered
  faces could tell their landmarks: its bias, 2.5 pixels, is the same in both,
  so that a perfect answer scores 0; one that differs by two grey levels of
  noise scores 0.13, with dlib 0.6.

  Args:
    detector: of faces.
    pictures: uint8 'b h w 3': 'truth', and 'answers' by the beginning of their
      scores' names.
  """
  shown = pictures['truth']
  truth = name_truth(find_faces(detector, shown), shown.shape[1])
  answers = {
    name: find_faces(detector, images)
    for name, images in pictures['answers'].items()
  }
  return compute_metrics(truth, answers)


def find_faces(
  detector: LandmarkDetector, pictures: UInt8[np.ndarray, 'b h w 3']
) -> dict[str, np.ndarray]:
  """What is seen of the largest face of square pictures; NaN: no face.

  Returns:
    `landmarks` 'b 68 2' in pixels; `pose` 'b 3' where OpenCV is installed, see
    `head_poses`; `embedding` 'b 128' where the detector identifies faces.
  """
  landmarks = np.full((len(pictures), 68, 2), np.nan, np.float32)
  embedding = np.full((len(pictures), 128), np.nan, np.float32)
  for number, picture in enumerate(pictures):
    found = detector.find(picture)
    if found is not None:
      landmarks[number] = found
      if detector.identifies:
        embedding[number] = detector.identity(picture, found)
  faces = {'landmarks': landmarks}
  if detector.identifies:
    faces['embedding'] = embedding
  poses = head_poses(landmarks, pictures.shape[1])
  return faces if poses is None else {**faces, 'pose': poses}


def name_truth(found: Mapping[str, np.ndarray], size: int) -> dict[str, Any]:
  """What was found in true pictures, as `metrics.table` names the truth.

  Args:
    found: see `find_faces`.
    size: of the pictures, in pixels.
  """
  truth = {f'true_{name}': array for name, array in found.items()}
  return {**truth, 'size': size}
