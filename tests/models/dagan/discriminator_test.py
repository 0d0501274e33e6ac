import jax
import numpy as np

from dagan_jax.models.dagan.discriminator import Discriminator
from dagan_jax.weights.names.reenactment import discriminator_variables
from tests.reference import recorded


def test_features_and_scores_are_the_original_networks():
  expected = recorded.arrays('discriminator')
  features, scores = jax.jit(Discriminator(64, 512, 4).apply)(
    discriminator_variables(recorded.tensors('discriminator')),
    recorded.driving(40),
    expected['kp_value'],
  )
  np.testing.assert_allclose(scores, expected['prediction_map'], atol=1e-4)
  for layer, feature in enumerate(features):
    thin = feature[:, ::4, ::4, ::8]
    np.testing.assert_allclose(
      thin, expected[f'feature_map_{layer}'], atol=1e-4
    )
