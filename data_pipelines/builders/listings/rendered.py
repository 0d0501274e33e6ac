"""Jobs of rendered faces, which need no videos."""

from data_pipelines.builders.work.jobs import (
  FaceJob,
  Listing,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.synthetic.rendered_faces import FIRST_TEST_FACE


def list_jobs(identities: int, frames: int, test_fraction: float) -> Listing:
  """Returns a job for each face, `test_fraction` of them for the test split.

  Args:
    identities: how many faces.
    frames: of each one's clip.
    test_fraction: the share of the faces that are held out.

  Raises:
    DataError: no face, or fewer than two frames.
  """
  if identities < 1 or frames < 2:
    raise DataError(
      f'{identities} faces of {frames} frames: at least 1 and 2 are needed'
    )
  test = round(test_fraction * identities)
  faces = [(face, 'train') for face in range(identities - test)]
  faces += [(FIRST_TEST_FACE + face, 'test') for face in range(test)]
  return Listing([FaceJob(face, frames, split) for face, split in faces], {})
