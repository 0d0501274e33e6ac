import jax
import numpy as np
import pytest

from dagan_jax.models.face_depth.network import FaceDepth
from dagan_jax.weights.names.face_depth import face_depth_variables
from tests.reference import recorded


@pytest.mark.parametrize('layers', [18, 50])
def test_disparity_is_the_original_networks(layers):
  variables = face_depth_variables(
    recorded.tensors(f'depth_encoder_resnet{layers}'),
    recorded.tensors(f'depth_decoder_resnet{layers}'),
  )
  network = jax.jit(FaceDepth(layers).apply, static_argnames='train')
  disparities = network(variables, recorded.source(), train=False)
  expected = recorded.arrays(f'depth_resnet{layers}')
  for scale, disparity in enumerate(disparities):
    assert disparity.shape == (1, 256 >> scale, 256 >> scale, 1)
    thin = disparity[:, :: 8 >> scale, :: 8 >> scale]
    np.testing.assert_allclose(thin, expected[f'disp_{scale}'], atol=1e-4)
