"""How far a set of pictures is from the true set, in features of a network.

A set is given example by example: a row of features for each picture of it.
Examples weigh alike, as they do in every mean; so do the pictures of one.

A score of sets is one number. It is handed out among the examples so that
their mean is the score, and their spread tells how far it would move, were
other examples drawn: to first order, a value is the score and what the
example's weight adds to it. So intervals and comparisons treat it as a mean.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

Sets = Sequence[Float[np.ndarray, '_ c']]
OfExamples = Float[np.ndarray, 'b']

# Pictures that a Fréchet distance needs for each feature, about as many as its
# authors ask for; with fewer, a covariance is mostly chance.
PICTURES_PER_FEATURE = 5
LEAST_EXAMPLES = 2  # of the kernel distance, which compares different ones

_SPREAD = 8  # pictures of an example that the kernel distance looks at
_SMALL = 1e-10  # of the largest eigenvalue; what is below has no inverse


def kernel_distance(truth: Sets, answer: Sets) -> OfExamples:
  """Squared maximum mean discrepancy, handed out among examples; 0 is best.

  The kernel is (x . y / c + 1)^3, as in KID [Bińkowski et al. 2018]. The
  estimate is unbiased: pictures are compared with those of other examples
  alone [Gretton et al. 2012, eq. 4], so that equal sets score 0 and it may
  fall below. Up to 8 pictures of an example count, spread evenly. NaN for one
  example.
  """
  if len(truth) < LEAST_EXAMPLES:
    return np.full(len(truth), np.nan)
  true, found = (
    [_spread(features) for features in one] for one in (truth, answer)
  )
  starts = np.cumsum([0, *(len(x) for x in true)])
  all_true, all_found = np.concatenate(true), np.concatenate(found)
  means = np.empty(len(true))  # over the other examples
  for place, (x, y) in enumerate(zip(true, found, strict=True)):
    differences = _kernel(x, all_true) + _kernel(y, all_found)
    differences -= _kernel(x, all_found) + _kernel(y, all_true)
    of_examples = np.add.reduceat(differences.mean(axis=0), starts[:-1])
    of_examples /= np.diff(starts)
    means[place] = np.delete(of_examples, place).mean()
  return 2 * means - means.mean()  # an example is in two sides of each pair


def frechet_distance(truth: Sets, answer: Sets) -> OfExamples:
  """Fréchet distance of two Gaussians, handed out among examples; 0 is best.

  They have the means and covariances of the sets [Heusel et al. 2017]. NaN
  where there are fewer than `PICTURES_PER_FEATURE` pictures for each feature,
  for it would be too high.
  """
  pictures, width = sum(map(len, truth)), truth[0].shape[1]
  if pictures < PICTURES_PER_FEATURE * width:
    return np.full(len(truth), np.nan)
  (mean, covariance), (other_mean, other_covariance) = map(
    _moments, (truth, answer)
  )
  apart = mean - other_mean
  overlap, slope = _overlap(covariance, other_covariance)
  _, other_slope = _overlap(other_covariance, covariance)
  distance = apart @ apart + np.trace(covariance + other_covariance)
  distance -= 2 * overlap
  # What moving the moments adds, to first order; its mean is zero.
  added = np.array(
    [
      2 * apart @ (x.mean(axis=0) - y.mean(axis=0))
      + _form(np.eye(width) - other_slope, x - mean)
      + _form(np.eye(width) - slope, y - other_mean)
      for x, y in zip(truth, answer, strict=True)
    ]
  )
  return distance + added - added.mean()


def _spread(features: Float[np.ndarray, 'n c']) -> Float[np.ndarray, '_ c']:
  count = min(len(features), _SPREAD)
  places = (np.arange(count) + 0.5) * len(features) / count
  return features[places.astype(int)].astype(np.float64)


def _kernel(
  x: Float[np.ndarray, 'n c'], y: Float[np.ndarray, 'm c']
) -> Float[np.ndarray, 'n m']:
  return (x @ y.T / x.shape[1] + 1) ** 3


def _moments(features: Sets) -> tuple[np.ndarray, np.ndarray]:
  """Mean 'c' and covariance 'c c', one example in memory at a time."""
  mean, products = 0.0, 0.0
  for of_example in features:
    x = of_example.astype(np.float64)
    mean += x.mean(axis=0) / len(features)
    products += x.T @ x / len(x) / len(features)
  return mean, products - np.outer(mean, mean)


def _overlap(
  one: Float[np.ndarray, 'c c'], other: Float[np.ndarray, 'c c']
) -> tuple[float, Float[np.ndarray, 'c c']]:
  """Trace of the root of the product, and twice its slope in `other`."""
  root = _power(one, 0.5)
  product = root @ other @ root
  values = np.linalg.eigvalsh(product)
  overlap = float(np.sqrt(np.maximum(values, 0)).sum())
  return overlap, root @ _power(product, -0.5) @ root


def _power(
  matrix: Float[np.ndarray, 'c c'], exponent: float
) -> Float[np.ndarray, 'c c']:
  values, vectors = np.linalg.eigh(matrix)
  is_large = values > _SMALL * max(values[-1], 0)
  powers = np.where(is_large, np.where(is_large, values, 1) ** exponent, 0)
  return (vectors * powers) @ vectors.T


def _form(
  matrix: Float[np.ndarray, 'c c'], x: Float[np.ndarray, 'n c']
) -> float:
  """Mean of the quadratic form over the rows."""
  return float(np.mean(np.sum((x @ matrix) * x, axis=1)))
