import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.sequences import temporal_ssim

RANDOM = np.random.default_rng(0)
WAVE = jnp.asarray(RANDOM.standard_normal((2, 20, 3)), jnp.float32)


def test_a_sequence_is_as_similar_to_itself_as_can_be():
  np.testing.assert_allclose(temporal_ssim(WAVE, WAVE), 1, atol=1e-5)


def test_neither_order_of_two_nor_of_time_matters():
  other = WAVE[::-1] + 0.3
  there, back = temporal_ssim(WAVE, other), temporal_ssim(other, WAVE)
  np.testing.assert_allclose(there, back, atol=1e-6)
  turned = temporal_ssim(WAVE[:, ::-1], other[:, ::-1])
  np.testing.assert_allclose(there, turned, atol=1e-5)


@pytest.mark.parametrize('change', ['still', 'opposite', 'shifted', 'weaker'])
def test_what_differs_in_mean_spread_or_course_is_less_similar(change):
  mean = WAVE.mean(1, keepdims=True)
  other = {
    'still': jnp.broadcast_to(mean, WAVE.shape),
    'opposite': 2 * mean - WAVE,
    'shifted': WAVE + 3,
    'weaker': mean + 0.3 * (WAVE - mean),
  }[change]
  assert temporal_ssim(WAVE, other).max() < 0.7


def test_the_span_of_values_is_only_a_unit():
  scaled = temporal_ssim(30 * WAVE, 30 * WAVE + 3, span=30.0)
  plain = temporal_ssim(WAVE, WAVE + 0.1)
  np.testing.assert_allclose(scaled, plain, atol=1e-5)
