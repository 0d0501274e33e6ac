import numpy as np

from dagan_jax.metrics.identity import identity_distance


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
