import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax import convert
from dagan_jax.geometry.motion import Motion, sparse_flows
from dagan_jax.geometry.resize import downsample_antialiased
from dagan_jax.geometry.warp import warp
from dagan_jax.models.generator import Generator
from tests.models.dense_motion_test import recorded_keypoints
from tests.reference import recorded


@pytest.fixture(scope='module')
def rendered():
  """Everything the original's generator was asked for, from ours."""
  expected = recorded.arrays('generator')
  variables = convert.motion_and_generator(recorded.tensors('generator'))
  variables = {name: tree['generator'] for name, tree in variables.items()}
  motion_file = recorded.arrays('dense_motion')
  motion = Motion(
    motion_file['deformation'],
    motion_file['occlusion_map'],
    jnp.zeros((1, 64, 64, 16)),
  )
  image = recorded.source()

  @functools.partial(nn_apply, Generator(64, 512, 2, 6))
  def everything(generator):
    depth = image.mean(-1, keepdims=True)
    encoding = generator.encode(image, depth, train=False)
    return (
      generator.decode(encoding, motion, train=False),
      generator.deform(image, motion),
    )

  (prediction, deformed), state = everything(variables)
  attention = state['intermediates']['attention']['map'][0]
  return expected, prediction, deformed, attention


def nn_apply(module, method):
  return jax.jit(
    functools.partial(module.apply, method=method, mutable=['intermediates'])
  )


def test_the_prediction_is_the_original_networks(rendered):
  expected, prediction, _, _ = rendered
  np.testing.assert_allclose(
    prediction[:, ::4, ::4], expected['prediction'], atol=1e-4
  )


def test_the_deformed_source_is_the_original_networks(rendered):
  expected, _, deformed, _ = rendered
  np.testing.assert_allclose(
    deformed[:, ::8, ::8], expected['deformed'], atol=1e-4
  )


def test_attention_is_the_original_networks(rendered):
  expected, _, _, attention = rendered
  assert attention.shape == (1, 4096, 4096)
  np.testing.assert_allclose(
    attention[:, ::512, ::8], expected['attention_rows'], atol=1e-4
  )


def test_sources_moved_by_single_keypoints_are_the_original_networks():
  expected = recorded.arrays('generator')
  thumbnail = downsample_antialiased(recorded.source(), 0.25)
  flows = sparse_flows(*recorded_keypoints(expected), size=(64, 64))
  moved = warp(thumbnail, flows.reshape(1, -1, 64, 2)).reshape(1, 16, 64, 64, 3)
  np.testing.assert_allclose(
    moved[:, :, ::8, ::8], expected['sparse_deformed'], atol=1e-4
  )


def test_without_fusion_depth_is_never_looked_at():
  generator = Generator(8, 16, 2, 1, fusion='none')
  image = jnp.ones((1, 32, 32, 3))
  encoding, variables = jax.eval_shape(
    functools.partial(generator.init_with_output, train=False, method='encode'),
    jax.random.key(0),
    image,
    None,
  )
  assert encoding.query is None
  assert not [name for name in variables['params'] if 'depth' in name]
