"""What is looked for in pictures on the host: faces, and whose they are."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from absl import logging
from jax.experimental import multihost_utils
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Bool, UInt8

from dagan_jax.evaluation.head_pose import head_poses
from dagan_jax.metrics.table import compute_metrics
from dagan_jax.runs import devices
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.landmarks import LandmarkDetector


class FaceScores:
  """How far the faces of answers are from those of the true pictures.

  For each answer, over all hosts: `landmarks_found`, the share of examples
  where a face was found in the true picture and in the answer, and the means
  over these of the metrics of landmarks, identity and pose; absent when there
  are none. Without the detector's packages the log says so,
  and nothing is scored.

  Read both: in blurred answers faces are not found (MediaPipe loses 4 % of
  rendered ones at a deviation of 4 pixels in 256, 67 % at 8), and the mean
  leaves them out. The detector looks at the truth as well, even where rendered
  faces could tell their landmarks: its bias, 2.5 pixels, is the same in both,
  so that a perfect answer scores 0; one that differs by two grey levels of
  noise scores 0.13, with dlib 0.6.
  """

  def __init__(self, mesh: Mesh):
    self._mesh = mesh
    self._detector: LandmarkDetector | None = None
    self._missing = False
    self._sums: dict[str, np.ndarray] = {}

  def add(
    self, pictures: dict[str, Any], counts: Bool[np.ndarray, 'b']
  ) -> None:
    """Looks at a batch.

    Args:
      pictures: global arrays uint8 'b h w 3': 'truth', and 'answers' by the
        beginning of their scores' names.
      counts: of this host's examples, those that are no padding.
    """
    if not self._open():
      return
    pictures = multihost_utils.global_array_to_host_local_array(
      pictures, self._mesh, PartitionSpec(devices.AXIS)
    )
    pictures = jax.tree.map(lambda x: np.asarray(x)[counts], pictures)
    truth = name_truth(
      find_faces(self._detector, pictures['truth']), pictures['truth'].shape[1]
    )
    answers = {
      name: find_faces(self._detector, images)
      for name, images in pictures['answers'].items()
    }
    for name, values in compute_metrics(truth, answers).items():
      added = np.array([np.nansum(values), np.isfinite(values).sum()])
      self._sums[name] = self._sums.get(name, 0) + added

  def means(self) -> dict[str, float]:
    """Over all examples of all hosts of which a metric says something."""
    if not self._sums:
      return {}
    of_hosts = multihost_utils.process_allgather(self._sums)
    sums = {name: x.reshape(-1, 2).sum(axis=0) for name, x in of_hosts.items()}
    return {
      name: float(total / count)
      for name, (total, count) in sums.items()
      if count
    }

  def _open(self) -> bool:
    if self._detector is None and not self._missing:
      try:
        self._detector = LandmarkDetector()
      except DataError as error:
        logging.info('no landmark or identity distance: %s', error)
        self._missing = True
    return not self._missing


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
