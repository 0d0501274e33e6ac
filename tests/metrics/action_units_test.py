import numpy as np

from dagan_jax.metrics.action_units import unit_agreement, unit_correlation

LOT = np.random.default_rng(0)
MOVING = LOT.normal(size=(9, 4))


def test_agreement_is_the_share_of_equal_units():
  truth = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 1, np.nan]])
  answer = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 1, 1, 0.0]])
  np.testing.assert_array_equal(unit_agreement(truth, answer), [1, 0.5, np.nan])


def test_correlation_knows_neither_scale_nor_offset_but_the_sign():
  answers = [3 * MOVING + 1, -MOVING, np.roll(MOVING, 1, axis=1)]
  same, opposite, other = unit_correlation([MOVING] * 3, answers)
  np.testing.assert_allclose([same, opposite], [1, -1])
  expected = [
    np.corrcoef(x, y)[0, 1] for x, y in zip(MOVING.T, answers[2].T, strict=True)
  ]
  np.testing.assert_allclose(other, np.mean(expected))


def test_a_unit_that_rests_in_the_answer_counts_nothing():
  half = MOVING.copy()
  half[:, :2] = 1
  np.testing.assert_allclose(unit_correlation([MOVING], [half]), 0.5)
  # One that rests in the truth does not count, whatever the answer does.
  np.testing.assert_allclose(unit_correlation([half], [MOVING]), 1)


def test_frames_without_a_face_are_left_out():
  lost, answer = MOVING.copy(), MOVING.copy()
  lost[3], answer[5] = np.nan, np.nan
  answer[3] = 99
  np.testing.assert_allclose(unit_correlation([lost], [answer]), 1)


def test_nothing_is_said_where_nothing_moves_or_two_frames_are_left():
  still = np.ones((9, 4))
  for truth in (still, MOVING[:2], np.empty((9, 0))):
    assert np.isnan(unit_correlation([truth], [truth])).all()
