import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.files.tensors import read_tensors


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


class Evil:
  def __reduce__(self):
    return print, ('executed',)


def test_a_file_that_wants_to_run_code_is_refused(tmp_path, capsys):
  torch = pytest.importorskip('torch')
  path = tmp_path / 'evil.pth'
  torch.save({'a': Evil()}, path)
  with pytest.raises(UsageError, match=r'evil\.pth') as caught:
    read_tensors(str(path))
  assert '\n' not in str(caught.value)
  assert 'executed' not in capsys.readouterr().out


@pytest.mark.parametrize('name', ['missing.pth', 'text.npz', 'text.pth'])
def test_what_is_no_weight_file_is_one_clear_line(tmp_path, name):
  if name.endswith('pth'):
    pytest.importorskip('torch')
  if name != 'missing.pth':
    (tmp_path / name).write_text('hello')
  with pytest.raises(UsageError, match=name) as caught:
    read_tensors(str(tmp_path / name))
  assert '\n' not in str(caught.value)
