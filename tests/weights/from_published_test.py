import re
import zipfile

import numpy as np
import pytest

from dagan_jax.weights.files.tensors import read_contents
from tests.support import published

torch = pytest.importorskip('torch')


def without(part, name):
  return lambda file: file[part].pop(name)


def replaced(part, name, change):
  def replace(file):
    file[part][name] = change(file[part][name])

  return replace


_DOWN = 'down_blocks.1.conv.weight'

# What is done to a whole checkpoint, and what is said of it.
CHANGES = {
  'no generator': (lambda file: file.pop('generator'), 'no generator'),
  'no detector': (lambda file: file.pop('kp_detector'), 'no kp_detector'),
  'only a discriminator': (
    lambda file: [file.pop('generator'), file.pop('kp_detector')],
    'give the whole checkpoint',
  ),
  'missing': (without('generator', 'final.bias'), 'final.bias is missing'),
  'missing, told by': (
    without('generator', 'AttnModule.query_conv.weight'),
    'no tensor AttnModule.query_conv.weight',
  ),
  'flat kernel': (
    replaced('generator', _DOWN, np.ravel),
    'down_blocks.1.conv.weight has the shape',
  ),
  'nothing wide': (
    replaced('generator', _DOWN, lambda x: x[:0]),
    'down_blocks.1.conv.weight has the shape',
  ),
  'other keypoints': (
    replaced('kp_detector', 'kp.weight', lambda x: x[:10]),
    '10 keypoints, its generator moves 15',
  ),
  'other channels': (
    replaced(
      'kp_detector',
      'predictor.encoder.down_blocks.0.conv.weight',
      lambda x: x[:, :2],
    ),
    '2 channels, not RGB or RGB-D',
  ),
  'one jacobian': (
    replaced('kp_detector', 'jacobian.weight', lambda x: x[:4]),
    'one Jacobian for all keypoints.*mgif',
  ),
  'other scale': (
    replaced(
      'generator', 'dense_motion_network.down.weight', lambda x: x[:, :, 3:]
    ),
    'no blur for a quarter',
  ),
  'no scale': (without('kp_detector', 'down.weight'), 'down.weight is missing'),
  'names twice': (
    lambda file: file['generator'].update(
      {'module.final.bias': np.zeros(3, 'f4')}
    ),
    "'module.' and again without",
  ),
  'judge of others': (
    replaced(
      'discriminator', 'discs.1.down_blocks.0.conv.weight', lambda x: x[:, 1:]
    ),
    '17 channels',
  ),
}


@pytest.fixture(scope='module')
def whole_checkpoint():
  return published.checkpoint(divide=8)


@pytest.fixture(scope='module')
def depths(tmp_path_factory):
  """Folders of face depth networks, by their layers."""
  folder = tmp_path_factory.mktemp('depth')
  return {
    layers: published.save_depth(folder / str(layers), layers, 8)
    for layers in (18, 50)
  }


@pytest.mark.parametrize('kind', CHANGES)
def test_a_strange_checkpoint_is_refused(
  tmp_path, whole_checkpoint, depths, kind
):
  change, reason = CHANGES[kind]
  file = {part: dict(tensors) for part, tensors in whole_checkpoint.items()}
  change(file)
  path = published.save(tmp_path / 'x.pth.tar', file)
  line = published.check_refused(tmp_path, [path], depths[18])
  assert path in line and re.search(reason, line)


@pytest.mark.parametrize('kind', ['float16', 'bfloat16', 'float64'])
def test_weights_of_any_width_and_numbers_of_numpys_are_taken(tmp_path, kind):
  arrays = {'a.b': np.float32([1.5, -2.25]), 'steps': np.int64([3])}
  tensors = {name: torch.tensor(x) for name, x in arrays.items()}
  tensors['a.b'] = tensors['a.b'].to(getattr(torch, kind))
  numbers = {'epoch': np.int64(7), 'rate': np.float64(0.5), 'best': np.bool_(1)}
  torch.save({'generator': tensors, **numbers}, tmp_path / 'x.pth.tar')
  contents = read_contents(str(tmp_path / 'x.pth.tar'))
  assert contents.others == {'epoch': 7, 'rate': 0.5, 'best': True}
  assert type(contents.others['epoch']) is int
  for name, expected in arrays.items():
    found = contents.parts['generator'][name]
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_numbers_of_an_older_numpy_are_taken(tmp_path):
  torch.save(
    {'generator': {'a': torch.ones(1)}, 'epoch': np.int64(7)}, tmp_path / 'new'
  )
  with (
    zipfile.ZipFile(tmp_path / 'new') as new,
    zipfile.ZipFile(tmp_path / 'x.pth', 'w') as old,
  ):
    for name in new.namelist():
      old.writestr(name, new.read(name).replace(b'numpy._core', b'numpy.core'))
  assert read_contents(str(tmp_path / 'x.pth')).others == {'epoch': 7}


def test_dagan_is_refused_without_depth(tmp_path, whole_checkpoint):
  path = published.save(tmp_path / 'x.pth.tar', whole_checkpoint)
  assert '--depth=FOLDER' in published.check_refused(tmp_path, [path])
  again = published.check_refused(tmp_path, [path, path])
  assert 'both hold a' in again


def test_half_a_depth_network_is_refused(tmp_path, depths):
  encoder, decoder = f'{depths[18]}/encoder.pth', f'{depths[50]}/depth.pth'
  assert 'pass their folder' in published.check_refused(tmp_path, [encoder])
  assert 'pass their folder' in published.check_refused(tmp_path, [decoder])
  line = published.check_refused(tmp_path, [encoder, decoder])
  assert (
    f'this depth network is a ResNet-50; {encoder} holds a ResNet-18: pass the'
    ' folder' in line
  )


def test_other_resnets_are_called_by_name(tmp_path, depths):
  encoder = published.load(f'{depths[18]}/encoder.pth')
  for block in range(2, 6):
    name = f'encoder.layer3.{block}.conv1.weight'
    encoder[name] = encoder['encoder.layer3.1.conv1.weight']
  torch.save(encoder, tmp_path / 'encoder.pth')
  sources = [str(tmp_path / 'encoder.pth'), f'{depths[18]}/depth.pth']
  assert 'is a ResNet-34' in published.check_refused(tmp_path, sources)
