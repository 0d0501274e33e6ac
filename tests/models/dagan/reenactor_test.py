import functools

import jax
import numpy as np
import pytest

from configs import dagan, daganpp
from dagan_jax.geometry.guides import GUIDES
from dagan_jax.geometry.keypoints import hull_area
from dagan_jax.geometry.motion import transfer_motion
from dagan_jax.models.dagan.discriminator import Discriminator
from dagan_jax.models.dagan.reenactor import build_reenactor
from dagan_jax.models.layers.hourglass import Hourglass
from dagan_jax.weights.names.face_depth import face_depth_variables
from dagan_jax.weights.names.reenactment import (
  detector_variables,
  generator_variables,
)
from tests.reference import recorded
from tests.support import tiny


@pytest.fixture(scope='module')
def video():
  """The original's whole pipeline, and ours with its weights."""
  reenactor = build_reenactor(dagan.get_config().model.to_dict())
  depth = face_depth_variables(
    recorded.tensors('depth_encoder_resnet18'),
    recorded.tensors('depth_decoder_resnet18'),
  )
  detector = detector_variables(recorded.tensors('kp_detector'))
  rest = generator_variables(recorded.tensors('generator'))
  variables = {
    name: {**rest[name], 'detector': detector[name], 'depth': depth[name]}
    for name in ('params', 'batch_stats')
  }
  analyse = jax.jit(functools.partial(reenactor.apply, method='analyse'))
  encode = jax.jit(functools.partial(reenactor.apply, method='encode_source'))
  render = jax.jit(functools.partial(reenactor.apply, method=_render))
  face = analyse(variables, recorded.source())
  driving = [
    analyse(variables, recorded.driving(number)).keypoints
    for number in (0, 30, 60, 90)
  ]
  source = encode(variables, face)
  return functools.partial(render, variables), source, driving


def _render(reenactor, source, keypoints):
  return reenactor.render(source, keypoints).prediction


def test_absolute_animation_is_the_original(video):
  render, source, driving = video
  expected = recorded.arrays('animation')
  for number, keypoints in enumerate(driving):
    np.testing.assert_allclose(
      keypoints.value[0], expected['keypoints_absolute'][number], atol=1e-4
    )
    np.testing.assert_allclose(
      render(source, keypoints)[0, ::8, ::8],
      expected['prediction_absolute'][number],
      atol=1e-4,
    )


def test_relative_animation_is_the_original(video):
  render, source, driving = video
  expected = recorded.arrays('animation')
  first = driving[0]
  areas = [hull_area(k.value[0]) for k in (source.keypoints, first)]
  scale = (areas[0] / areas[1]) ** 0.5
  for number, keypoints in enumerate(driving):
    moved = transfer_motion(source.keypoints, keypoints, first, scale)
    np.testing.assert_allclose(
      moved.value[0], expected['keypoints_relative'][number], atol=1e-4
    )
    np.testing.assert_allclose(
      render(source, moved)[0, ::8, ::8],
      expected['prediction_relative'][number],
      atol=1e-4,
    )


def count(tree):
  return sum(leaf.size for leaf in jax.tree.leaves(tree))


def picture(size):
  return jax.ShapeDtypeStruct((1, size, size, 3), np.float32)


@functools.cache
def params_of(get_config, variant=''):
  """Shapes of all that training holds, the discriminator's among them."""
  config = get_config(variant)
  reenactor = build_reenactor(config.model.to_dict())
  image = picture(config.data.image_size)
  key = jax.random.key(0)
  params = jax.eval_shape(reenactor.init, key, image, image)['params']
  points = jax.ShapeDtypeStruct(
    (1, config.model.detector.keypoints, 2), np.float32
  )
  discriminator = Discriminator(**config.model.discriminator)
  judge = jax.eval_shape(discriminator.init, key, image, points)['params']
  return {**params, 'discriminator': judge}


def test_the_parts_have_as_many_parameters_as_published():
  params = params_of(dagan.get_config)
  assert count(params['detector']) == 14_262_519
  assert count(params['motion']) == 37_796_433
  assert count(params['motion']) + count(params['generator']) == 46_096_917
  assert count(params['depth']) == 11_176_512 + 3_152_724


@pytest.mark.parametrize(
  ('config', 'published'), [(dagan, 63_133_645), (daganpp, 85_198_208)]
)
def test_what_is_learnt_is_as_large_as_the_papers_say(config, published):
  params = params_of(config.get_config)
  assert count(params) - count(params['depth']) == published


@pytest.mark.parametrize(('variant', 'size'), [('', 256), ('512', 512)])
def test_motion_is_found_in_64_pixels_whatever_is_drawn(variant, size):
  reenactor = build_reenactor(daganpp.get_config(variant).model.to_dict())
  init = functools.partial(
    reenactor.init_with_output,
    mutable=True,
    capture_intermediates=lambda module, _: isinstance(module, Hourglass),
  )
  image = picture(size)
  (_, _, rendering), state = jax.eval_shape(
    init, jax.random.key(0), image, image
  )
  assert rendering.prediction.shape == (1, size, size, 3)
  assert rendering.deformed.shape == (1, size, size, 3)
  assert rendering.motion.flow.shape == (1, 64, 64, 2)
  for network in ('detector', 'motion'):
    for maps in state['intermediates'][network]['hourglass']['__call__']:
      assert maps[-1].shape[:3] == (1, 64, 64)


def test_512_pixels_need_no_other_keypoints_or_motion_than_256():
  small, large = (
    params_of(daganpp.get_config, variant) for variant in ('', '512')
  )
  for network in ('depth', 'detector', 'motion'):
    assert jax.tree.map(np.shape, small[network]) == jax.tree.map(
      np.shape, large[network]
    )


def test_without_a_depth_network_nothing_of_depth_remains():
  model = dagan.get_config().model.to_dict()
  model['depth']['layers'] = 0
  model['detector']['sees'] = 'rgb'
  model['generator']['fusion'] = 'none'
  reenactor = build_reenactor(model)
  image = picture(256)
  (source, _, rendering), variables = jax.eval_shape(
    reenactor.init_with_output, jax.random.key(0), image, image
  )
  assert source.disparity is None
  assert rendering.prediction.shape == (1, 256, 256, 3)
  assert set(variables['params']) == {'detector', 'motion', 'generator'}


def test_points_of_lids_and_lips_come_first():
  config = tiny.config()
  config.model.guides.width = 4
  reenactor = build_reenactor(config.model.to_dict())
  image = jax.random.uniform(jax.random.key(0), (1, 64, 64, 3))
  variables = reenactor.init(jax.random.key(1), image, image)
  face = reenactor.apply(variables, image, method='analyse')
  guides = reenactor.apply(variables, image, method='find_guides')
  count = len(GUIDES)
  np.testing.assert_array_equal(face.keypoints.value[:, :count], guides.value)
  assert reenactor.count_keypoints() == face.keypoints.value.shape[1]
  assert reenactor.count_keypoints() == count + config.model.detector.keypoints


def test_models_of_before_there_were_guides_are_built_without():
  model = tiny.config().model.to_dict()
  del model['guides']
  assert build_reenactor(model).guides is None


def test_standardised_depth_has_no_scale_and_no_offset():
  config = tiny.config_with_depth()
  config.model.standardised_depth = True
  reenactor = build_reenactor(config.model.to_dict())
  disparity = jax.random.uniform(jax.random.key(0), (1, 8, 8, 1))
  seen, moved = (
    reenactor._relief(x) for x in (disparity, 0.3 + 0.2 * disparity)
  )
  np.testing.assert_allclose(seen, moved, atol=1e-2)
  np.testing.assert_allclose(np.mean(seen), 0, atol=1e-5)
  np.testing.assert_allclose(np.std(seen), 1, atol=1e-2)
  plain = build_reenactor(tiny.config_with_depth().model.to_dict())
  assert plain._relief(disparity) is disparity
