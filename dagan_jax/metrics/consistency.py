"""Whether pictures change over time as the true ones do."""

import numpy as np
from jaxtyping import Float

# Mean |frame - the frame before, moved to it|, in [0, 1]; NaN: none before.
Changes = Float[np.ndarray, 'b']


def temporal_consistency(
  truth: Changes, prediction: Changes
) -> Float[np.ndarray, 'b']:
  """exp(-|r - 1|), where r is the truth's change / the prediction's; 1 is best.

  The temporal consistency metric of DaGAN++ [eq. 18], in the form that its
  words mean: a prediction that flickers more than the truth has r < 1, one that
  freezes r > 1, and both score less than 1. NaN where one of the two is.
  """
  return np.exp(-np.abs(_ratio(truth, prediction) - 1))


def literal_temporal_consistency(
  truth: Changes, prediction: Changes
) -> Float[np.ndarray, 'b']:
  """exp(-r - 1), as DaGAN++ prints equation 18; a perfect answer scores 0.135.

  Without an absolute value, flicker scores higher than the truth does, and
  freezing lower. Only for comparison with printed numbers.
  """
  return np.exp(-_ratio(truth, prediction) - 1)


def _ratio(truth: Changes, prediction: Changes) -> Float[np.ndarray, 'b']:
  """Their quotient; 1 where nothing changes in both."""
  with np.errstate(divide='ignore', invalid='ignore'):
    ratio = truth / prediction
  return np.where((truth == 0) & (prediction == 0), 1.0, ratio)
