import numpy as np
import pytest

from dagan_jax.weights.files.safetensors_files import (
  read_safetensors,
  write_safetensors_file,
)

ARRAYS = {
  'a.b': np.arange(6, dtype=np.float16).reshape(2, 3),
  'whole': np.float32([[0.1]]),
  'number': np.array(7),
  'flags': np.array([True, False]),
  'nothing': np.zeros((0, 4), np.uint8),
}


def check_equal(found, expected):
  assert found.keys() == expected.keys()
  for name, array in expected.items():
    np.testing.assert_array_equal(found[name], array, strict=True)


def test_arrays_and_words_come_back(tmp_path):
  path = str(tmp_path / 'x.safetensors')
  write_safetensors_file(path, ARRAYS, {'said': 'hello'})
  arrays, metadata = read_safetensors(path)
  assert metadata == {'said': 'hello'}
  check_equal(arrays, ARRAYS)


def test_the_format_is_that_of_the_library(tmp_path):
  library = pytest.importorskip('safetensors.numpy')
  ours, theirs = str(tmp_path / 'ours'), str(tmp_path / 'theirs')
  write_safetensors_file(ours, ARRAYS, {})
  check_equal(library.load_file(ours), ARRAYS)
  library.save_file(ARRAYS, theirs)
  check_equal(read_safetensors(theirs).arrays, ARRAYS)


def test_brain_floats_are_widened(tmp_path):
  torch = pytest.importorskip('torch')
  library = pytest.importorskip('safetensors.torch')
  path = str(tmp_path / 'x')
  numbers = torch.tensor([1.5, -3e38, 0.1]).bfloat16()
  library.save_file({'a': numbers}, path)
  found = read_safetensors(path).arrays['a']
  np.testing.assert_array_equal(found, numbers.float().numpy(), strict=True)
