import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.models.vgg import VGG
from dagan_jax.weights.names.vgg import vgg_variables
from tests.reference import recorded


def test_taps_are_the_original_networks():
  expected = recorded.arrays('vgg19')
  taps = jax.jit(VGG().apply)(
    vgg_variables(recorded.tensors('vgg19')), recorded.source(64)
  )
  for stage, tap in enumerate(taps, start=1):
    np.testing.assert_allclose(
      tap[..., ::16], expected[f'relu{stage}_1'], atol=1e-4
    )


def test_a_file_without_vggs_names_is_refused():
  with pytest.raises(UsageError, match=r'features\.0\.weight'):
    vgg_variables({'conv1.weight': np.zeros((1, 1, 3, 3))})


def test_random_taps_neither_fade_nor_explode():
  image = jax.random.uniform(jax.random.key(0), (1, 64, 64, 3))
  taps, _ = jax.jit(VGG(8).init_with_output)(jax.random.key(1), image)
  spread = [float(np.std(tap)) for tap in taps]
  assert max(spread) < 20 * min(spread)
