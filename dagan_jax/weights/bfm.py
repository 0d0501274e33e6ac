"""Reads the Basel Face Model as Deep3DFaceRecon keeps it.

Its licence allows research only, and nobody may pass it on: who has it names
the file `BFM_model_front.mat`, which that project makes of the model of 2009
and the expressions of Guo et al. 2018.
"""

import os

import numpy as np
import scipy.io

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.morphable_face import MorphableFace
from data_pipelines.errors.trouble import passing_reason

FILE = 'BFM_model_front.mat'
_NEEDED = ('meanshape', 'idBase', 'exBase', 'keypoints')


def read_bfm(path: str | os.PathLike) -> MorphableFace:
  """The model in a file, or in the folder where it lies.

  It has 80 coefficients of identity and 64 of expression, in units of their
  standard deviations.

  Raises:
    UsageError: there is no such file, or it holds something else.
  """
  if os.path.isdir(path):
    path = os.path.join(path, FILE)
  try:
    file = scipy.io.loadmat(path, variable_names=_NEEDED)
    mean = _points(file['meanshape'].reshape(1, -1))[0]
    marks = np.ravel(file['keypoints']).astype(np.int64) - 1  # from 1 there
    face = MorphableFace(
      mean - mean.mean(0),
      _points(file['idBase'].T),
      _points(file['exBase'].T),
      marks,
    )
    shapes = {x.shape[1:] for x in (face.identity, face.expression)}
    if shapes != {mean.shape} or marks.shape != (68,):
      raise ValueError(f'shapes {shapes} of {mean.shape}, {len(marks)} marks')
    if not 0 <= marks.min() <= marks.max() < len(mean):
      raise ValueError('landmarks beyond the mesh')
    if not all(np.isfinite(values).all() for values in face):
      raise ValueError('numbers that are not finite')
  except FileNotFoundError:
    raise UsageError(
      f'{path}: there is no such file; give the {FILE} that Deep3DFaceRecon'
      ' makes'
    ) from None
  except Exception as error:  # foreign bytes break readers in any way
    if reason := passing_reason(error):
      raise UsageError(f'{path}: cannot be read now ({reason})') from error
    raise UsageError(
      f'{path}: no face model, or a damaged one: give the {FILE} that'
      ' Deep3DFaceRecon makes'
    ) from error
  return face


def _points(rows: np.ndarray) -> np.ndarray:
  """(n, 3 v) as (n, v, 3) float32."""
  return np.ascontiguousarray(rows, np.float32).reshape(len(rows), -1, 3)
