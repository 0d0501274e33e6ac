"""One training step of narrow networks, against the original's."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import dagan
from dagan_jax.geometry.thin_plate import ThinPlate
from dagan_jax.tasks.reenactment.task import ReenactmentTask
from dagan_jax.weights.names.face_depth import face_depth_variables
from dagan_jax.weights.names.layouts import our_path, translate
from dagan_jax.weights.names.reenactment import (
  DETECTOR,
  DISCRIMINATOR,
  GENERATOR,
  detector_variables,
  discriminator_variables,
  generator_variables,
)
from tests.reference import recorded
from tests.support import judges

# A convolution right before a batch norm: its bias has no effect, and its true
# gradient is zero, so that only rounding is left of it.
IDLE = 1e-4
# Rounding differs from processor to processor, and the gradient of a warp jumps
# where a sample crosses a pixel: on an AMD EPYC one norm is 2.8 % off.
GRADIENT = 5e-2


def narrow_config():
  config = dagan.get_config()
  for network in (config.model.detector, config.model.motion):
    network.width, network.max_width = 8, 64
  config.model.generator.width = 8
  config.model.generator.max_width = 32
  config.model.generator.residual_blocks = 2
  config.model.discriminator.width = 16
  config.model.discriminator.max_width = 32
  return config


@pytest.fixture(scope='module')
def step():
  """What our step teaches, and what the original's taught."""
  tensors = functools.partial(recorded.tensors, group='train_step_networks')
  depth = face_depth_variables(
    recorded.tensors('depth_encoder_resnet18'),
    recorded.tensors('depth_decoder_resnet18'),
  )
  detector = detector_variables(tensors('kp_detector'))
  rest = generator_variables(tensors('generator'))
  variables = {
    'reenactor': {
      name: {**rest[name], 'detector': detector[name], 'depth': depth[name]}
      for name in ('params', 'batch_stats')
    },
    'discriminator': discriminator_variables(tensors('discriminator')),
    'vgg': judges.variables(recorded.tensors('vgg19')),
  }
  expected = recorded.arrays('train_step')
  plate = ThinPlate(expected['theta'], expected['control_params'][:, 0])
  with jax.default_matmul_precision('highest'):
    taught = jax.jit(ReenactmentTask(narrow_config()).gradients)(
      variables, recorded.driving(0, 40), recorded.driving(40, 120), plate
    )
  return taught, expected


def test_every_loss_is_the_original(step):
  taught, expected = step
  theirs = {
    'perceptual': 'perceptual',
    'generator_gan': 'gen_gan',
    'feature_matching': 'feature_matching',
    'equivariance_value': 'equivariance_value',
    'equivariance_jacobian': 'equivariance_jacobian',
    'keypoint_distance': 'kp_distance',
    'discriminator_gan': 'disc_gan',
  }
  loss_weights = narrow_config().loss
  assert set(theirs) == set(taught.losses)
  for ours, name in theirs.items():
    np.testing.assert_allclose(
      loss_weights[ours] * taught.losses[ours],
      expected[f'loss/{name}'],
      rtol=1e-3,
      err_msg=ours,
    )


def test_the_pictures_and_keypoints_are_the_original(step):
  taught, expected = step
  forward = taught.forward
  pairs = {
    'prediction': forward.rendering.prediction[:, ::16, ::16],
    'transformed_frame': forward.warped.image[:, ::16, ::16],
    'kp_source_value': forward.source.keypoints.value,
    'kp_source_jacobian': forward.source.keypoints.jacobian,
    'kp_driving_value': forward.driving.keypoints.value,
    'kp_driving_jacobian': forward.driving.keypoints.jacobian,
    'transformed_kp_value': forward.warped.keypoints.value,
    'transformed_kp_jacobian': forward.warped.keypoints.jacobian,
  }
  for name, ours in pairs.items():
    np.testing.assert_allclose(ours, expected[name], atol=1e-4, err_msg=name)


def our_gradients(taught):
  """Gradients by the original's network, then as a tree of ours."""
  return {
    'kp_detector': (taught.reenactor['detector'], DETECTOR),
    'generator': (taught.reenactor, GENERATOR),
    'discriminator': (taught.discriminator, DISCRIMINATOR),
  }


def leaf(tree, path):
  for word in path.split('/'):
    tree = tree[word]
  return tree


def test_every_gradient_norm_is_the_original(step):
  taught, _ = step
  trees = our_gradients(taught)
  norms = recorded.manifest()['train_step_gradient_norms']
  assert len(norms) > 150
  for name, norm in norms.items():
    network, tensor = name.split('/', 1)
    tree, table = trees[network]
    path = our_path(tensor, table)
    holder, word = path.rsplit('/', 1)
    holder = leaf(tree, holder)
    word = word if word in holder else {'weight': 'kernel'}.get(word, word)
    word = word if word in holder else 'scale'
    ours = jnp.linalg.norm(holder[word].ravel())
    np.testing.assert_allclose(
      ours, norm, rtol=GRADIENT, atol=IDLE, err_msg=name
    )


def test_whole_gradients_are_the_original(step):
  taught, expected = step
  trees = our_gradients(taught)
  compared = 0
  for name, theirs in expected.items():
    kind, _, rest = name.partition('/')
    if kind != 'grad':
      continue
    network, tensor = rest.split('/', 1)
    tree, table = trees[network]
    theirs = translate({tensor: np.asarray(theirs)}, table)['params']
    for path, value in jax.tree_util.tree_leaves_with_path(theirs):
      ours = leaf(tree, '/'.join(entry.key for entry in path))
      scale = float(np.abs(value).max())
      np.testing.assert_allclose(
        ours, value, atol=GRADIENT * scale, err_msg=name
      )
      compared += 1
  assert compared == 11


def test_running_statistics_are_the_original(step):
  taught, expected = step
  compared = 0
  for name, theirs in expected.items():
    kind, _, rest = name.partition('/')
    if kind != 'batch_stats':
      continue
    tensor = rest.removeprefix('generator/')
    tree = translate({tensor: np.asarray(theirs)}, GENERATOR)['batch_stats']
    for path, value in jax.tree_util.tree_leaves_with_path(tree):
      ours = leaf(taught.batch_stats, '/'.join(entry.key for entry in path))
      np.testing.assert_allclose(ours, value, rtol=1e-3, err_msg=name)
      compared += 1
  assert compared == 4
