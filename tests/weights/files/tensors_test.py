import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.tensors import read_contents, read_tensors


def test_arrays_come_back_by_name(tmp_path):
  np.savez(tmp_path / 'weights.npz', **{'a.b': np.arange(3)})
  tensors = read_tensors(str(tmp_path / 'weights.npz'))
  np.testing.assert_array_equal(tensors['a.b'], [0, 1, 2])


def test_pytorch_files_are_read(tmp_path):
  torch = pytest.importorskip('torch')
  path = tmp_path / 'weights.pth'
  torch.save({'a.b': torch.arange(3), 'epoch': 4}, path)
  tensors = read_tensors(str(path))
  assert list(tensors) == ['a.b']
  np.testing.assert_array_equal(tensors['a.b'], [0, 1, 2])


def test_a_checkpoint_is_the_same_in_every_kind_of_file(tmp_path):
  torch = pytest.importorskip('torch')
  safetensors = pytest.importorskip('safetensors.numpy')
  random = np.random.default_rng(0)
  parts = {
    part: {
      'first.conv.weight': random.random((4, 3, 2, 2), np.float32),
      'first.norm.num_batches_tracked': np.array(7),
    }
    for part in ('generator', 'kp_detector')
  }
  flat = {
    f'{part}.{name}': array
    for part, arrays in parts.items()
    for name, array in arrays.items()
  }
  np.savez(tmp_path / 'x.npz', **flat)
  safetensors.save_file(flat, tmp_path / 'x.safetensors')
  torch.save(jax.tree.map(torch.tensor, parts), tmp_path / 'x.pth.tar')
  for suffix in ('npz', 'safetensors', 'pth.tar'):
    found = read_contents(str(tmp_path / f'x.{suffix}'))
    assert found.others == {}
    jax.tree.map(np.testing.assert_array_equal, found.parts, parts)


@pytest.mark.parametrize('name', ['missing.pth', 'text.npz', 'text.pth'])
def test_what_is_no_weight_file_is_one_clear_line(tmp_path, name):
  if name.endswith('pth'):
    pytest.importorskip('torch')
  if name != 'missing.pth':
    (tmp_path / name).write_text('hello')
  with pytest.raises(UsageError, match=name) as caught:
    read_tensors(str(tmp_path / name))
  assert '\n' not in str(caught.value)
