import jax
import numpy as np

from dagan_jax import convert
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.models.dense_motion import DenseMotion
from tests.reference import recorded


def recorded_keypoints(expected):
  return [
    Keypoints(expected[f'kp_{who}_value'], expected[f'kp_{who}_jacobian'])
    for who in ('source', 'driving')
  ]


def test_motion_is_the_original_networks():
  expected = recorded.arrays('dense_motion')
  variables = convert.motion_and_generator(recorded.tensors('generator'))
  network = DenseMotion(64, 1024, 5, 0.25)
  motion = jax.jit(network.apply, static_argnames='train')(
    {name: tree['motion'] for name, tree in variables.items()},
    downsample_antialiased(recorded.source(), 0.25),
    *recorded_keypoints(expected),
    train=False,
  )
  np.testing.assert_allclose(motion.flow, expected['deformation'], atol=1e-4)
  np.testing.assert_allclose(
    motion.masks[:, ::4, ::4], expected['mask'], atol=1e-4
  )
  np.testing.assert_allclose(
    motion.occlusion, expected['occlusion_map'], atol=1e-4
  )
