import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.models.gohd.networks import NETWORKS, build_network
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.weights.conversion import convert_files
from dagan_jax.weights.names.gohd import denoiser_variables
from tests.support import gohd_files, published

pytest.importorskip('torch')

# As the published files are called.
FILES = {
  'animator': 'FaceAnimator_GoHD.pt',
  'pose': 'audio2pose.pt',
  'gaze': 'audio2gaze.pt',
  'expression': 'audio2exp.pth',
  'coefficients': 'epoch_20.pth',
  'gaze_estimator': 'L2CSNet_gaze360.pkl',
  'face_parser': '79999_iter.pth',
}


def save(folder, name, tensors, file=None):
  contents = gohd_files.wrapped(name, tensors)
  return published.save(folder / (file or FILES[name]), contents)


def networks_in(workdir):
  return checkpoints.network_names(workdir) & set(NETWORKS)


@pytest.fixture(scope='module')
def converted(tmp_path_factory):
  """A workdir of all published files, and what was printed."""
  folder = tmp_path_factory.mktemp('gohd')
  files = [save(folder, name, gohd_files.tensors(name)) for name in FILES]
  convert_files(files, to=str(folder / 'W'))
  return folder / 'W'


def test_all_published_files_become_one_workdir(converted):
  config = workdirs.read_config(converted)
  assert config.task == 'gohd'
  assert set(config.model) == networks_in(converted) == set(FILES)
  assert config.model.animator.to_dict() == {
    'width': gohd_files.WIDTH,
    'directions': 20,
    'transformed_from': 64,
    'mixes_features': True,
  }
  assert config.model.pose.channels == 6 and config.model.gaze.channels == 2
  assert config.model.pose.blocks == gohd_files.BLOCKS


@pytest.mark.parametrize('name', FILES)
def test_a_workdirs_network_is_that_of_its_config(name, converted):
  shapes = {
    'animator': [(1, 256, 256, 3), (1, 27, 72)],
    'pose': [(1, 2, 6), (1, 2, 320), (1, 1, 6), (1,)],
    'gaze': [(1, 2, 2), (1, 2, 320), (1, 1, 2), (1,)],
    'expression': [(1, 80, 16), (1, 64)],
    'coefficients': [(1, 224, 224, 3)],
    'gaze_estimator': [(1, 448, 448, 3)],
    'face_parser': [(1, 512, 512, 3)],
  }[name]
  inputs = [
    jax.ShapeDtypeStruct(shape, jnp.float32 if len(shape) > 1 else jnp.int32)
    for shape in shapes
  ]
  model = workdirs.read_config(converted).model.to_dict()
  network = build_network(model, name)
  variables = checkpoints.read_network(converted, name)
  flags = {'train': False} if 'batch_stats' in variables else {}
  jax.eval_shape(
    lambda v, *x: network.apply(v, *x, **flags), variables, *inputs
  )


def test_weights_are_those_of_the_file_to_the_bit(converted):
  found = checkpoints.read_network(converted, 'pose')
  expected = denoiser_variables(gohd_files.denoiser('pose'))['params']
  jax.tree.map(np.testing.assert_array_equal, found['params'], expected)


def test_the_papers_expression_is_told_from_the_published_one(tmp_path):
  name = 'two_stage_expression'
  file = save(tmp_path, name, gohd_files.tensors(name), 'audio2exp.pth')
  convert_files([file], to=str(tmp_path / 'W'))
  assert networks_in(tmp_path / 'W') == {name}


@pytest.mark.parametrize(
  'change, reason',
  [
    (lambda x: x.pop('input'), 'input/bias is missing'),
    (lambda x: x.update(other=np.zeros(3)), "'other'"),
    (lambda x: x.update(input=np.zeros(5)), r'input/bias is float32\[5\]'),
    (lambda x: x.update(input=np.full(16, np.nan)), 'not finite'),
  ],
)
def test_a_file_that_is_not_as_published_is_one_clear_line(
  change, reason, tmp_path
):
  tensors = gohd_files.denoiser('pose')
  bias = 'input_projection.conv1d.bias'
  named = {'input': tensors.pop(bias)}
  change(named)
  tensors |= {
    bias if name == 'input' else name: np.float32(x)
    for name, x in named.items()
  }
  file = save(tmp_path, 'pose', tensors)
  with pytest.raises(UsageError, match=reason) as caught:
    convert_files([file], to=str(tmp_path / 'W'))
  assert str(caught.value).startswith(file) and '\n' not in str(caught.value)
  assert not (tmp_path / 'W').exists()


def test_two_systems_are_never_in_one_workdir(tmp_path):
  gohd = save(tmp_path, 'gaze', gohd_files.denoiser('gaze'))
  depth = published.save_depth(tmp_path / 'd', divide=8)
  with pytest.raises(UsageError, match='each system into a workdir of its own'):
    convert_files([gohd, depth], to=str(tmp_path / 'W'))


def test_every_network_of_gohd_has_a_published_file():
  assert set(NETWORKS) == {*FILES, 'two_stage_expression'}
