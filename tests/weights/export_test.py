import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.export import (
  antialias_kernel,
  check_antialias,
  depth_parts,
  discriminator_part,
  reenactor_parts,
  whole_part,
)
from dagan_jax.weights.names.face_depth import face_depth_variables
from dagan_jax.weights.names.reenactment import (
  detector_variables,
  discriminator_variables,
  generator_variables,
)
from tests.reference import rule
from tests.support import published


def check_the_same(part, tensors, original):
  """A part without its remainder: what is made up is as published."""
  whole = whole_part(part, tensors, {})
  for name in ('height', 'width', 'use_stereo'):
    whole.pop(name, None)
  assert whole.keys() == original.keys()
  for name, tensor in original.items():
    assert whole[name].dtype == tensor.dtype
    if name.startswith('encoder.fc.'):
      assert whole[name].shape == tensor.shape
    else:
      np.testing.assert_allclose(whole[name], tensor, rtol=0, atol=1e-7)


@pytest.mark.parametrize('kind', ['dagan', 'spade'])
def test_a_reenactor_has_the_published_names_again(kind):
  original = published.checkpoint(kind, divide=8)
  drawing = generator_variables(original['generator'])
  detector = detector_variables(original['kp_detector'])
  parts = reenactor_parts(
    {name: {**drawing[name], 'detector': detector[name]} for name in drawing},
    spade=kind == 'spade',
  )
  check_the_same('generator', parts['generator'], original['generator'])
  check_the_same('kp_detector', parts['kp_detector'], original['kp_detector'])


def test_a_discriminator_has_the_published_names_again():
  original = published.checkpoint(divide=8)['discriminator']
  tensors = discriminator_part(discriminator_variables(original))
  check_the_same('discriminator', tensors, original)


@pytest.mark.parametrize('layers', [18, 50])
def test_a_depth_network_has_the_published_names_again(layers):
  original = published.depth(layers, divide=8)
  encoder = {
    name: tensor
    for name, tensor in original['encoder'].items()
    if isinstance(tensor, np.ndarray)
  }
  parts = depth_parts(face_depth_variables(encoder, original['depth']))
  check_the_same('encoder', parts['encoder'], encoder)
  check_the_same('depth', parts['depth'], original['depth'])


def test_what_was_kept_goes_before_what_is_made_up():
  kept = {
    'generator/module.': np.array(True),
    'generator/a.num_batches_tracked': np.array(7),
    'kp_detector/b.num_batches_tracked': np.array(8),
  }
  whole = whole_part('generator', {'a.bias': np.ones(1)}, kept)
  assert set(whole) == {'module.a.bias', 'module.a.num_batches_tracked'}
  assert whole['module.a.num_batches_tracked'] == 7


def test_a_network_that_pytorch_never_had_has_no_names():
  variables = {'params': {'generator': {'fuse_0': {'kernel': np.ones(1)}}}}
  variables['params']['detector'] = {}
  with pytest.raises(UsageError, match=r'nothing like generator/fuse_0'):
    reenactor_parts(variables, spade=False)


def test_the_blur_is_the_original_one():
  np.testing.assert_allclose(
    antialias_kernel(3), rule.antialias_kernel(3, 0.25), atol=1e-7
  )


@pytest.mark.parametrize('scale', [0.5, 0.125])
def test_another_blur_is_refused(scale):
  kernels = {
    'kp_detector/down.weight': rule.antialias_kernel(3, scale),
    'generator/dense_motion_network.down.weight': rule.antialias_kernel(
      3, 0.25
    ),
  }
  with pytest.raises(UsageError, match='no blur for a quarter'):
    check_antialias(kernels, 'x.pth')
