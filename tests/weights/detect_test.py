import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.detect import (
  depth_model,
  kind_of,
  published_model,
  reenactor_model,
  resnet_layers,
)
from tests.reference import recorded
from tests.reference.gohd import recorded as gohd


def shapes(network, group='networks'):
  names = recorded.manifest()[group][network]
  return {name: tuple(shape) for name, shape in names.items()}


@pytest.mark.parametrize(
  ('network', 'kind'),
  [
    ('kp_detector', 'kp_detector'),
    ('generator', 'generator'),
    ('spade_generator', 'generator'),
    ('discriminator', 'discriminator'),
    ('depth_encoder_resnet18', 'encoder'),
    ('depth_encoder_resnet50', 'encoder'),
    ('depth_decoder_resnet50', 'depth'),
    ('pose_encoder_resnet18', 'pose_encoder'),
    ('pose_decoder_resnet18', 'pose'),
    ('vgg19', 'vgg'),
  ],
)
def test_every_published_network_is_known(network, kind):
  assert kind_of(shapes(network)) == kind
  assert kind_of({'a.weight': (1,)}) is None


@pytest.mark.parametrize(
  ('network', 'kind'),
  [
    ('animator', 'gohd_animator'),
    ('pose', 'gohd_pose'),
    ('gaze', 'gohd_gaze'),
    ('expression', 'gohd_expression'),
    ('two_stage', 'gohd_two_stage_expression'),
  ],
)
def test_every_network_of_gohd_is_known(network, kind):
  names = gohd.manifest()[network]
  assert kind_of({name: tuple(shape) for name, shape in names.items()}) == kind


def test_dagan_is_what_our_config_says():
  networks = [shapes(x) for x in ('generator', 'kp_detector', 'discriminator')]
  assert reenactor_model(*networks) == published_model()


def test_spade_dagan_differs_in_its_decoder_alone():
  networks = [shapes(x) for x in ('spade_generator', 'kp_detector')]
  expected = published_model()
  expected['generator']['decoder'] = 'spade'
  assert reenactor_model(*networks, None) == expected


def test_the_narrow_networks_of_the_original_are_known_by_their_widths():
  model = reenactor_model(
    *(
      shapes(name, 'train_step_networks')
      for name in ('generator', 'kp_detector', 'discriminator')
    )
  )
  first = shapes('generator', 'train_step_networks')['first.conv.weight']
  assert model['generator']['width'] == first[0] < 64
  assert model['detector']['width'] < 32 and model['motion']['width'] < 64


@pytest.mark.parametrize('layers', [18, 50])
def test_blocks_tell_how_many_layers_a_resnet_has(layers):
  encoder = shapes(f'depth_encoder_resnet{layers}')
  assert depth_model(encoder) == {'layers': layers, 'width': 64}
  flat = {name.removeprefix('encoder.'): x for name, x in encoder.items()}
  assert resnet_layers(flat) == layers


def test_no_resnet_has_a_gap():
  encoder = shapes('depth_encoder_resnet18')
  del encoder['encoder.layer3.0.conv1.weight']
  with pytest.raises(UsageError, match='0 blocks in its third layer'):
    depth_model(encoder)
