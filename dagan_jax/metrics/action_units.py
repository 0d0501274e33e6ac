"""Whether two faces make the same movements, by their action units."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

Presence = Float[np.ndarray, 'b n']  # 1: it is there, 0: not; NaN: no face
Intensity = Float[np.ndarray, '_ n']  # of a video's frames, likewise

_LEAST_FRAMES = 3  # through two points there always is a line


def unit_agreement(
  truth: Presence, prediction: Presence
) -> Float[np.ndarray, 'b']:
  """Share of the units that both faces show or both do not; 1 is best.

  The field calls it AUCON [MarioNETte]. NaN where one of the two holds NaN.
  """
  equal = np.where(np.isnan(truth + prediction), np.nan, truth == prediction)
  return np.mean(equal, axis=1)


def unit_correlation(
  truth: Sequence[Intensity], prediction: Sequence[Intensity]
) -> Float[np.ndarray, 'b']:
  """Mean over units of the correlation of their intensities over time.

  Pearson's, in [-1, 1]; 1 is best. Of each video, those units count that change
  in the truth, over the frames in which both faces are found; one that then
  stays as it is in the answer counts 0. NaN where no unit changes, or fewer
  than three frames are left.
  """
  both = zip(truth, prediction, strict=True)
  return np.array([_correlate(*pair) for pair in both], float)


def _correlate(truth: Intensity, prediction: Intensity) -> float:
  said = np.isfinite(truth + prediction).all(axis=1)
  if said.sum() < _LEAST_FRAMES:
    return np.nan
  x, y = (
    array[said] - array[said].mean(axis=0)
    for array in (truth.astype(float), prediction.astype(float))
  )
  lengths = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=0)
  products = np.sum(x * y, axis=0)
  changes = np.ptp(truth[said], axis=0) > 0
  if not changes.any():
    return np.nan
  follows = np.ptp(prediction[said], axis=0) > 0
  correlations = products / np.where(lengths > 0, lengths, 1)
  return float(np.mean(np.where(follows, correlations, 0)[changes]))
