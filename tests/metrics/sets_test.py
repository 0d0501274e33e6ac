import numpy as np
import pytest
import scipy

from dagan_jax.metrics.sets import frechet_distance, kernel_distance

LOT = np.random.default_rng(0)


def normal(examples, pictures, width=4, shift=0.0, scale=1.0):
  """Sets of examples that are not all alike, in float32."""
  shape = examples, pictures, width
  drawn = LOT.normal(size=shape) + LOT.normal(size=(examples, 1, width)) / 2
  return list((scale * drawn + shift).astype(np.float32))


TRUTH = normal(30, 3)
FAR = normal(30, 3, shift=1.0)


def leave_out(sets, place):
  return sets[:place] + sets[place + 1 :]


@pytest.mark.parametrize('distance', [kernel_distance, frechet_distance])
def test_equal_sets_are_no_distance_apart_and_a_nearer_set_is_nearer(distance):
  near = [x + 0.1 for x in TRUTH]
  np.testing.assert_allclose(distance(TRUTH, TRUTH), 0, atol=1e-5)
  assert 0 < distance(TRUTH, near).mean() < distance(TRUTH, FAR).mean()


@pytest.mark.parametrize('distance', [kernel_distance, frechet_distance])
def test_values_of_examples_tell_how_far_the_score_moves_without_one(distance):
  truth, answer = normal(200, 1), normal(200, 1, shift=0.5)
  values = distance(truth, answer)
  score, count = values.mean(), len(values)
  left = [
    distance(leave_out(truth, i), leave_out(answer, i)).mean() for i in range(9)
  ]
  jackknife = score + (count - 1) * (score - np.array(left))
  np.testing.assert_allclose(values[:9] - score, jackknife - score, rtol=0.1)


def test_the_kernel_distance_is_unbiased():
  """The mean over many draws from one distribution is nothing."""
  scores = [
    kernel_distance(normal(8, 2), normal(8, 2)).mean() for _ in range(400)
  ]
  error = np.std(scores) / len(scores) ** 0.5
  assert abs(np.mean(scores)) < 3 * error
  assert min(scores) < 0


def test_the_kernel_distance_of_pictures_is_the_u_statistic():
  x, y = (np.concatenate(normal(6, 1, shift=s)) for s in (0.0, 0.5))
  kernel = lambda a, b: (a @ b.T / 4 + 1) ** 3
  sums = kernel(x, x) + kernel(y, y) - kernel(x, y) - kernel(y, x)
  expected = (sums.sum() - np.trace(sums)) / (6 * 5)
  values = kernel_distance(list(x[:, None]), list(y[:, None]))
  assert values.mean() == pytest.approx(expected, rel=1e-4)


def test_the_frechet_distance_is_that_of_the_moments():
  x, y = (normal(40, 2, scale=s, shift=s) for s in (1.0, 1.5))
  means, covariances = zip(
    *(
      (z.mean(axis=0), np.cov(z.T, bias=True))
      for z in map(np.concatenate, (x, y))
    ),
    strict=True,
  )
  root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
  expected = np.sum((means[0] - means[1]) ** 2) + np.trace(
    covariances[0] + covariances[1] - 2 * root
  )
  assert frechet_distance(x, y).mean() == pytest.approx(expected, rel=1e-4)


def test_examples_weigh_alike_however_many_pictures_they_have():
  longer = [
    np.repeat(x, 5 if i % 2 else 1, axis=0) for i, x in enumerate(TRUTH)
  ]
  far = [np.repeat(x, 5 if i % 2 else 1, axis=0) for i, x in enumerate(FAR)]
  np.testing.assert_allclose(
    frechet_distance(longer, far), frechet_distance(TRUTH, FAR), rtol=1e-4
  )


def test_too_few_pictures_are_told_nothing_of():
  assert np.isnan(frechet_distance(normal(19, 1), normal(19, 1))).all()
  assert np.isfinite(frechet_distance(normal(20, 1), normal(20, 1))).all()
  assert np.isnan(kernel_distance(normal(1, 9), normal(1, 9))).all()
  assert np.isfinite(kernel_distance(normal(2, 1), normal(2, 1))).all()


def test_features_that_are_always_zero_do_no_harm():
  x, y = ([np.pad(z, ((0, 0), (0, 2))) for z in sets] for sets in (TRUTH, FAR))
  np.testing.assert_allclose(
    frechet_distance(x, y), frechet_distance(TRUTH, FAR), rtol=1e-4
  )
