import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.models.dagan.keypoint_detector import KeypointDetector
from dagan_jax.weights.names.reenactment import detector_variables
from tests.reference import recorded
from tests.support.variables import random_variables

TINY = dict(
  keypoints=4, width=4, max_width=16, blocks=2, size=16, temperature=0.1
)


def test_keypoints_are_the_original_networks():
  detector = KeypointDetector(15, 32, 1024, 5, 64, 0.1, sees='rgbd')
  expected = recorded.arrays('kp_detector')
  keypoints = jax.jit(detector.apply, static_argnames='train')(
    detector_variables(recorded.tensors('kp_detector')),
    recorded.source(),
    expected['depth'],
    train=False,
  )
  np.testing.assert_allclose(keypoints.value, expected['value'], atol=1e-4)
  np.testing.assert_allclose(
    keypoints.jacobian, expected['jacobian'], atol=1e-4
  )


@pytest.mark.parametrize(
  ('sees', 'channels'), [('rgb', 3), ('rgbd', 4), ('depth', 1)]
)
def test_the_detector_sees_what_it_is_told_to(sees, channels):
  image, disparity = jnp.ones((1, 32, 32, 3)), jnp.ones((1, 32, 32, 1))
  detector = KeypointDetector(**TINY, sees=sees)
  variables = jax.eval_shape(
    functools.partial(detector.init, train=False),
    jax.random.key(0),
    image,
    disparity,
  )
  kernel = variables['params']['hourglass']['down_0']['conv']['kernel']
  assert kernel.shape[2] == channels


def test_untrained_keypoints_neither_turn_nor_stretch():
  image = jax.random.uniform(jax.random.key(0), (2, 32, 32, 3))
  detector = KeypointDetector(**TINY, sees='rgb')
  keypoints, _ = jax.jit(
    functools.partial(detector.init_with_output, train=False)
  )(jax.random.key(1), image, None)
  identity = np.broadcast_to(np.eye(2), (2, 4, 2, 2))
  np.testing.assert_allclose(keypoints.jacobian, identity, atol=1e-5)
  assert np.all(np.abs(keypoints.value) <= 1)


def test_of_a_large_picture_the_detector_sees_a_thumbnail():
  image = jax.random.uniform(jax.random.key(0), (1, 32, 32, 3))
  detector = KeypointDetector(**TINY, sees='rgb')
  variables = random_variables(detector, image, None, train=False)
  find = jax.jit(functools.partial(detector.apply, variables, train=False))
  thumbnail = downsample_antialiased(image, 0.5)
  for large, small in zip(
    find(image, None), find(thumbnail, None), strict=True
  ):
    np.testing.assert_allclose(large, small, atol=1e-5)
