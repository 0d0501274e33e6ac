import numpy as np

from dagan_jax.metrics.identity import (
  identity_distance,
  identity_similarity,
  squared_identity_distance,
)


def test_one_face_is_at_distance_zero_and_order_does_not_matter():
  one, other = np.random.default_rng(0).normal(size=(2, 3, 128))
  assert not identity_distance(one, one).any()
  np.testing.assert_array_equal(
    identity_distance(one, other), identity_distance(other, one)
  )


def test_a_face_that_was_not_found_has_no_distance():
  one = np.ones((2, 128))
  lost = one.copy()
  lost[1] = np.nan
  np.testing.assert_array_equal(identity_distance(one, lost), [0, np.nan])


def test_the_papers_distance_is_the_square_of_ours():
  one, other = np.random.default_rng(0).normal(size=(2, 3, 128))
  np.testing.assert_allclose(
    squared_identity_distance(one, other), identity_distance(one, other) ** 2
  )


def test_the_similarity_is_the_cosine_whatever_the_lengths():
  one = np.random.default_rng(0).normal(size=(2, 128))
  aside = np.roll(one, 64, axis=1) * np.repeat([1, -1], 64)  # at 90 degrees
  np.testing.assert_allclose(identity_similarity(one, 3 * one), 1)
  np.testing.assert_allclose(identity_similarity(one, -one), -1)
  np.testing.assert_allclose(identity_similarity(one, aside), 0, atol=1e-9)
  np.testing.assert_allclose(identity_similarity(one, one + aside), 0.5**0.5)
