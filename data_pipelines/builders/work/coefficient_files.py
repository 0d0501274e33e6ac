"""Reads what somebody else measured in a video: 72 numbers a frame."""

import pathlib
import zipfile

import numpy as np
import scipy.io

from data_pipelines.errors.mendable import DataError
from data_pipelines.recorded.speeches import EXPRESSION, GAZE, POSE
from data_pipelines.synthetic.coefficients import Coefficients

SUFFIXES = ('.npz', '.mat')
_MATRIX = 'coeff_3dmm'  # of Deep3DFaceRecon's files: expression, then pose


def read_coefficients(path: pathlib.Path) -> Coefficients:
  """The coefficients of n frames, 25 a second, in a file.

  An .npz has the arrays `expression` (n, 64 or fewer), `pose` (n, 6) and, if
  known, `gaze` (n, 2), see `synthetic.coefficients`; a .mat has `coeff_3dmm`
  (n, 70 or more), 64 numbers of the expression, then six of the pose. A gaze
  that is not known is 0, into the camera.

  Raises:
    DataError: the file holds something else, or cannot be read.
  """
  try:
    if path.suffix.lower() == '.mat':
      matrix = scipy.io.loadmat(path, variable_names=[_MATRIX])[_MATRIX]
      parts = {
        'expression': matrix[:, :EXPRESSION],
        'pose': matrix[:, EXPRESSION : EXPRESSION + POSE],
      }
    else:
      with np.load(path) as file:
        parts = {name: file[name] for name in file.files}
    expression, pose = (
      np.asarray(parts[name], np.float32) for name in ('expression', 'pose')
    )
    gaze = np.asarray(parts.get('gaze', np.zeros((len(pose), GAZE))))
  except (OSError, zipfile.BadZipFile, ValueError, LookupError, TypeError) as e:
    raise DataError(
      f'{path.name}: no coefficients can be read from it ({e}); give an .npz'
      f' with the arrays expression and pose, or a .mat with {_MATRIX}'
    ) from None
  whole = np.zeros((len(pose), EXPRESSION), np.float32)
  shapes = [x.shape for x in (expression, pose, gaze)]
  fits = expression.ndim == 2 and expression.shape[1] <= EXPRESSION
  wanted = [(len(pose), *x.shape[1:]) for x in (expression, pose, gaze)]
  ends = pose.shape[1:], gaze.shape[1:]
  if not fits or shapes != wanted or ends != ((POSE,), (GAZE,)):
    raise DataError(
      f'{path.name}: its arrays have the shapes {shapes}; expression (n, 64),'
      ' pose (n, 6) and gaze (n, 2) are needed'
    )
  whole[:, : expression.shape[1]] = expression
  found = Coefficients(whole, pose, np.float32(gaze))
  if not all(np.isfinite(values).all() for values in found):
    raise DataError(
      f'{path.name}: some of its numbers are not finite; measure those frames'
      ' again, or fill them in'
    )
  return found
