"""How far a mean over examples can be trusted: bootstrap intervals."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

# Two examples tell no spread: of a metric of sets both have one and the same
# value, and of others half the resamples are one of the two by itself.
LEAST = 3
_RESAMPLES = 2000
_AT_ONCE = 200  # resamples that are held in memory


class Mean(NamedTuple):
  """A mean over examples and the bounds of its 95 % interval."""

  value: float  # NaN: over no example
  low: float  # NaN: of fewer than LEAST examples
  high: float
  examples: int  # those of which the metric says something


class Difference(NamedTuple):
  """How much a method's mean is above another's, on the same examples."""

  mean: Mean
  p: float  # of a difference at least as large, were there none


def average(values: Float[np.ndarray, '_']) -> float:
  """The mean of those values that say something; NaN: none does."""
  said = values[np.isfinite(values)]
  return float(said.mean()) if len(said) else np.nan


def bootstrap_mean(values: Float[np.ndarray, '_'], seed: int) -> Mean:
  """The mean, with the percentiles of means of examples drawn anew.

  Args:
    values: of examples; NaN: the metric says nothing of one.
    seed: of the lot.
  """
  said, means = _resample(values, seed)
  if means is None:
    return Mean(average(values), np.nan, np.nan, len(said))
  low, high = np.percentile(means, (2.5, 97.5))
  return Mean(average(values), float(low), float(high), len(said))


def bootstrap_difference(
  values: Float[np.ndarray, '_'], others: Float[np.ndarray, '_'], seed: int
) -> Difference:
  """How much the first ones are above the second, example by example.

  The two are paired: an example that is hard for both adds nothing. p is twice
  the share of resampled differences on the other side of zero, at most 1.

  Args:
    values: of examples; NaN: the metric says nothing of one.
    others: of the same examples in the same order.
    seed: of the lot.
  """
  differences = values - others
  _, means = _resample(differences, seed)
  mean = bootstrap_mean(differences, seed)
  if means is None:
    return Difference(mean, np.nan)
  # One more on either side: a share of resamples is never known to be zero.
  sides = [(np.sum(side) + 1) for side in (means <= 0, means >= 0)]
  return Difference(mean, min(1.0, 2 * min(sides) / (len(means) + 1)))


def _resample(
  values: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray | None]:
  """What is said, and means of resamples of it; None of fewer than LEAST."""
  said = values[np.isfinite(values)]
  if len(said) < LEAST:
    return said, None
  # A fifth of the time that a training takes to import, which never asks.
  from scipy import stats

  result = stats.bootstrap(
    (said,),
    np.mean,
    n_resamples=_RESAMPLES,
    batch=_AT_ONCE,
    method='percentile',
    rng=np.random.default_rng(seed),
  )
  return said, result.bootstrap_distribution
