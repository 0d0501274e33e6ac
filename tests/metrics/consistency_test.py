import numpy as np

from dagan_jax.metrics.consistency import (
  literal_temporal_consistency,
  temporal_consistency,
)

TRUTH = np.array([0.1, 0.1, 0.1, 0.1, 0.0, 0.0, np.nan])
#                 equal flickers freezes still both  one   first frame
OTHER = np.array([0.1, 0.2, 0.05, 0.0, 0.0, 0.1, np.nan])


def test_only_a_video_that_changes_as_the_truth_does_is_consistent():
  np.testing.assert_allclose(
    temporal_consistency(TRUTH, OTHER),
    [1, np.exp(-0.5), np.exp(-1), 0, 1, np.exp(-1), np.nan],
  )


def test_as_printed_flicker_scores_more_than_the_truth_itself():
  equal, flickers, freezes, *_ = literal_temporal_consistency(TRUTH, OTHER)
  np.testing.assert_allclose(equal, np.exp(-2))
  assert freezes < equal < flickers
