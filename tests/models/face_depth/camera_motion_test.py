import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.models.face_depth.camera_motion import CameraMotion
from dagan_jax.weights.names.face_depth import ENCODER
from dagan_jax.weights.names.layouts import translate
from tests.reference import recorded

SIZE = 32
TARGET, SOURCE = jax.random.uniform(jax.random.key(0), (2, 2, 3, SIZE, SIZE, 3))
SMALL = {'conv7': {'width': 4, 'blocks': 4}, 'resnet18': {'width': 8}}


def find(network, train=False):
  """What the untrained network finds, compiled with its start."""

  def start_and_find():
    variables = network.init(jax.random.key(1), TARGET, SOURCE, train=False)
    return network.apply(
      variables, TARGET, SOURCE, train=train, mutable=['batch_stats']
    )[0]

  return start_and_find


@pytest.fixture(scope='module')
def cameras():
  """By what they share; all in one program, which is compiled once."""
  small = SMALL['conv7']
  finders = {
    'clip': find(CameraMotion(**small, focal=2.0), train=True),
    'pair': find(CameraMotion(**small, intrinsics='pair')),
  }
  return jax.jit(lambda: {name: find() for name, find in finders.items()})()


@pytest.mark.parametrize('backbone', SMALL)
def test_every_pair_has_its_motion_and_its_uncertainty(backbone):
  network = CameraMotion(backbone, **SMALL[backbone])
  camera = jax.eval_shape(find(network, train=True))
  assert camera.axis_angle.shape == camera.translation.shape == (2, 3, 3)
  assert camera.uncertainty.shape == (*TARGET.shape[:-1], 1)


def test_uncertainty_is_between_0_and_1(cameras):
  for camera in cameras.values():
    assert (camera.uncertainty > 0).all() and (camera.uncertainty < 1).all()


def test_the_principal_point_starts_at_the_centre_the_focal_length_as_told(
  cameras,
):
  camera = cameras['clip']
  np.testing.assert_allclose(camera.centre, (SIZE - 1) / 2)
  np.testing.assert_allclose(camera.focal.mean(), 2 * SIZE, rtol=0.3)


@pytest.mark.parametrize('intrinsics', ['clip', 'pair'])
def test_a_clip_has_one_camera_unless_each_pair_shall_have_its_own(
  intrinsics, cameras
):
  camera = cameras[intrinsics]
  assert (camera.focal[0, 0] == camera.focal[0, 1]).all() == (
    intrinsics == 'clip'
  )
  assert (camera.focal[0] != camera.focal[1]).any()


def test_without_uncertainty_there_is_no_head_for_it():
  network = CameraMotion(**SMALL['conv7'], uncertainty=False)
  camera, variables = jax.eval_shape(
    lambda: network.init_with_output(
      jax.random.key(1), TARGET, SOURCE, train=False
    )
  )
  assert camera.uncertainty is None
  assert 'uncertainty' not in variables['params']


@pytest.mark.parametrize(('size', 'joined'), [(32, 1), (64, 2), (256, 4)])
def test_correlation_joins_the_first_map_of_at_most_16_cells(size, joined):
  pair = jnp.zeros((1, 1, size, size, 3))
  network = CameraMotion(width=4, blocks=5, correlation=True)
  variables = jax.eval_shape(
    lambda: network.init(jax.random.key(0), pair, pair, train=False)
  )
  channels = [
    variables['params'][f'conv_{i}']['kernel'].shape[2] for i in range(5)
  ]
  plain = [6, *(4 * 2**i for i in range(4))]
  assert [many - few for many, few in zip(channels, plain, strict=True)] == [
    49 * (i == joined) for i in range(5)
  ]


def test_large_pictures_can_be_seen_small_and_uncertainty_is_of_all_pixels():
  shape = (2, 3, 2 * SIZE, 2 * SIZE, 3)
  large = jax.random.uniform(jax.random.key(2), (2, *shape))
  small = jax.image.resize(large, (2, *TARGET.shape), 'linear')
  network = CameraMotion(**SMALL['conv7'], size=SIZE)

  @jax.jit
  def find_both():
    variables = network.init(jax.random.key(1), TARGET, SOURCE, train=False)
    return [
      network.apply(variables, *pair, train=False) for pair in (small, large)
    ]

  before, now = find_both()
  np.testing.assert_allclose(now.axis_angle, before.axis_angle, atol=1e-5)
  np.testing.assert_allclose(now.focal, 2 * before.focal, rtol=1e-5)
  assert now.uncertainty.shape == (*shape[:-1], 1)


def test_at_256_pixels_it_is_as_large_as_the_paper_says():
  pair = jnp.zeros((1, 1, 256, 256, 3))
  variables = jax.eval_shape(
    lambda: CameraMotion().init(jax.random.key(0), pair, pair, train=False)
  )
  assert variables['params']['conv_6']['kernel'].shape == (3, 3, 512, 1024)
  sizes = [leaf.size for leaf in jax.tree.leaves(variables['params'])]
  # Two less than the specification counts: our principal point has no bias.
  assert sum(sizes) == 12_598_505


def test_the_resnet_heads_are_the_original_ones():
  heads = (
    ('squeeze_0/', 'net.0.'),
    ('squeeze_1/', 'net.1.'),
    ('squeeze_2/', 'net.2.'),
    ('motion/', 'net.3.'),
    ('focal/', 'net.4.'),
    ('centre/', 'net.5.'),
  )
  encoder = translate(recorded.tensors('pose_encoder_resnet18'), ENCODER)
  params = translate(recorded.tensors('pose_decoder_resnet18'), heads)['params']
  # Its second half has no use in the original, and ours does not have it.
  params['motion'] = {
    name: array[..., :6] for name, array in params['motion'].items()
  }
  # Ours is linear, theirs is not: only the rest can be compared.
  params['centre'] = {'kernel': jnp.zeros_like(params['centre']['kernel'])}
  network = CameraMotion('resnet18', width=64, uncertainty=False)
  r = recorded.arrays('depth_training')
  with jax.default_matmul_precision('highest'):
    camera = jax.jit(network.apply, static_argnames='train')(
      {
        'params': {**params, 'encoder': encoder['params']},
        'batch_stats': {'encoder': encoder['batch_stats']},
      },
      *(recorded.unit(r[name][None, None]) for name in ('target', 'next')),
      train=False,
    )
  # The original scales turns and shifts by 0.01, ours by more.
  np.testing.assert_allclose(
    camera.axis_angle[0, 0] / 10, r['axisangle'][0, 0, 0], atol=1e-4
  )
  np.testing.assert_allclose(
    camera.translation[0, 0] / 5, r['translation'][0, 0, 0], atol=1e-4
  )
  np.testing.assert_allclose(
    camera.focal[0, 0],
    [r['intrinsics'][0, 0, 0], r['intrinsics'][0, 1, 1]],
    rtol=1e-4,
  )
