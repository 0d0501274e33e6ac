import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import spearmanr

from dagan_jax.metrics.ranking import auroc, rank_correlation

SHAPE = (3, 9, 7, 1)
KEYS = jax.random.split(jax.random.key(0), 4)
TRUTH = jax.random.uniform(KEYS[0], SHAPE)
PREDICTION = TRUTH + jax.random.uniform(KEYS[1], SHAPE)
TIED = jnp.round(4 * PREDICTION)
MASK = jax.random.bernoulli(KEYS[2], 0.7, SHAPE)
LABELS = jax.random.bernoulli(KEYS[3], 0.3, SHAPE)
NOTHING = jnp.zeros(SHAPE, bool)

spearman = jax.jit(rank_correlation)
area = jax.jit(auroc)


@pytest.mark.parametrize('prediction', [PREDICTION, TIED], ids=['free', 'ties'])
def test_rank_correlation_is_scipys(prediction):
  truth = jnp.round(6 * TRUTH)
  expected = [
    spearmanr(t[m], p[m]).statistic
    for t, p, m in zip(*map(np.asarray, (truth, prediction, MASK)), strict=True)
  ]
  np.testing.assert_allclose(
    spearman(truth, prediction, MASK), expected, atol=1e-5
  )


@pytest.mark.parametrize('scores', [PREDICTION, TIED], ids=['free', 'ties'])
def test_auroc_is_the_share_of_pairs_in_the_right_order(scores):
  values = area(LABELS, scores, MASK)
  for value, label, score, mask in zip(
    values, *map(np.asarray, (LABELS, scores, MASK)), strict=True
  ):
    positive, negative = score[label & mask], score[~label & mask]
    pairs = positive[:, None] - negative
    expected = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    np.testing.assert_allclose(value, expected, atol=1e-5)


def test_only_the_order_counts():
  warped = jnp.exp(3 * PREDICTION) - 5
  np.testing.assert_allclose(
    spearman(TRUTH, warped, MASK), spearman(TRUTH, PREDICTION, MASK), atol=1e-5
  )
  np.testing.assert_allclose(
    area(LABELS, warped, MASK), area(LABELS, PREDICTION, MASK), atol=1e-5
  )


def test_a_reversed_order_has_the_mirrored_score():
  np.testing.assert_allclose(
    spearman(TRUTH, -TIED, MASK), -spearman(TRUTH, TIED, MASK), atol=1e-6
  )
  np.testing.assert_allclose(
    area(LABELS, -TIED, MASK), 1 - area(LABELS, TIED, MASK), atol=1e-6
  )


def test_the_place_of_a_pixel_does_not_count():
  flip = lambda a: a[:, ::-1, ::-1]
  maps = (TRUTH, TIED, MASK)
  np.testing.assert_allclose(
    spearman(*map(flip, maps)), spearman(*maps), atol=1e-6
  )
  maps = (LABELS, TIED, MASK)
  np.testing.assert_allclose(area(*map(flip, maps)), area(*maps), atol=1e-6)


def test_a_perfect_order_scores_1():
  np.testing.assert_allclose(spearman(TRUTH, TRUTH, MASK), 1, atol=1e-6)
  scores = LABELS.astype(jnp.float32)
  np.testing.assert_allclose(area(LABELS, scores, MASK), 1, atol=1e-6)


@pytest.mark.parametrize('outside', [jnp.inf, -jnp.inf, jnp.nan, 0.0])
def test_what_lies_outside_the_mask_changes_nothing(outside):
  # The largest inside is infinite: it must not tie with what is outside.
  inside = jnp.where(PREDICTION > 1.5, jnp.inf, PREDICTION)
  scores = jnp.where(MASK, inside, outside)
  truth = jnp.where(MASK, TRUTH, outside)
  finite = jnp.minimum(inside, 9.0)
  np.testing.assert_array_equal(
    spearman(truth, scores, MASK), spearman(TRUTH, finite, MASK)
  )
  np.testing.assert_array_equal(
    area(LABELS, scores, MASK), area(LABELS, finite, MASK)
  )


def test_what_orders_nothing_scores_as_a_guess():
  constant = jnp.full(SHAPE, 0.3)
  assert jnp.all(spearman(TRUTH, constant, MASK) == 0)
  assert jnp.all(spearman(constant, TRUTH, MASK) == 0)
  assert jnp.all(spearman(TRUTH, PREDICTION, NOTHING) == 0)
  assert jnp.all(area(LABELS, constant, MASK) == 0.5)
  assert jnp.all(area(LABELS, PREDICTION, NOTHING) == 0.5)
  # One class alone.
  assert jnp.all(area(NOTHING, PREDICTION, MASK) == 0.5)
  np.testing.assert_allclose(area(MASK, PREDICTION, MASK), 0.5, atol=1e-5)


def test_many_pixels_keep_their_precision():
  ramp = jnp.arange(256.0 * 256).reshape(1, 256, 256, 1)
  mask = jnp.ones(ramp.shape, bool)
  np.testing.assert_allclose(spearman(ramp, ramp, mask), 1, atol=1e-5)
  labels = ramp >= 60000
  np.testing.assert_allclose(area(labels, ramp, mask), 1, atol=1e-5)
