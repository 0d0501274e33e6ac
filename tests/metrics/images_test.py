import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.metrics.images import l1, ms_ssim, paper_ssim, psnr, ssim

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


@pytest.mark.parametrize('deviation', [0.02, 0.1])
def test_noise_of_known_variance_has_the_known_psnr(deviation):
  noise = deviation * jax.random.normal(jax.random.key(1), (2, 128, 128, 3))
  grey = jnp.full(noise.shape, 0.5)
  known = -20 * np.log10(deviation)
  np.testing.assert_allclose(psnr(grey, grey + noise), known, atol=0.1)


def noisy_pair(height, width):
  """A picture with structure at every scale, and the same with noise."""
  y, x = np.mgrid[:height, :width][..., None] / 7
  waves = np.sin(x) + np.cos(y / 3 + np.arange(3)) + np.sin(x * y / 50)
  truth = np.float32(0.5 + waves / 7)[None]
  noise = np.random.default_rng(0).normal(0, 0.1, truth.shape)
  noisy = np.float32(np.clip(truth + noise, 0, 1))
  return jnp.asarray(truth), jnp.asarray(noisy)


def test_ssim_is_that_of_scikit_image_in_our_way_and_in_that_of_papers():
  metrics = pytest.importorskip('skimage.metrics')
  truth, noisy = noisy_pair(64, 48)
  similarity = lambda **options: metrics.structural_similarity(
    np.asarray(truth[0]), np.asarray(noisy[0]), channel_axis=2, **options
  )
  np.testing.assert_allclose(
    ssim(truth, noisy)[0],
    similarity(
      data_range=1,
      gaussian_weights=True,
      sigma=1.5,
      use_sample_covariance=False,
    ),
    atol=1e-4,
  )
  np.testing.assert_allclose(
    paper_ssim(truth, noisy)[0],
    similarity(data_range=2, win_size=7),
    atol=1e-4,
  )


def test_ms_ssim_is_that_of_tensorflow_also_where_halves_are_odd():
  # What tf.image.ssim_multiscale(truth, noisy, 1.0) of 2.21 says.
  value = ms_ssim(*noisy_pair(161, 161))
  np.testing.assert_allclose(value, 0.79489106, atol=1e-4)


def test_ms_ssim_of_opposite_pictures_is_a_number():
  truth, _ = noisy_pair(161, 161)
  assert ms_ssim(truth, 1 - truth)[0] == 0
