import jax
import jax.numpy as jnp
import numpy as np

from dagan_jax.metrics.images import l1, psnr, ssim

TRUTH = jax.random.uniform(jax.random.key(0), (3, 32, 32, 3))


def test_every_metric_has_one_value_for_each_example():
  for name, metric in {'l1': l1, 'psnr': psnr, 'ssim': ssim}.items():
    assert metric(TRUTH, TRUTH * 0.9).shape == (3,), name


def test_a_perfect_picture_scores_perfectly():
  assert jnp.all(l1(TRUTH, TRUTH) == 0)
  np.testing.assert_allclose(ssim(TRUTH, TRUTH), 1, atol=1e-5)


def test_known_errors_score_as_their_formulas_say():
  off = TRUTH + 0.1
  np.testing.assert_allclose(l1(TRUTH, off), 0.1, atol=1e-6)
  np.testing.assert_allclose(psnr(TRUTH, off), 20, atol=1e-3)
