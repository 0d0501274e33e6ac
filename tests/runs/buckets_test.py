import pathlib

import numpy as np
import pytest
from etils import epath

from dagan_jax.console.errors import UsageError
from dagan_jax.runs.buckets import fetch
from dagan_jax.weights.boxed import open_trained
from dagan_jax.weights.files.tensors import read_tensors
from tests.support.buckets import give_bucket


def test_a_file_of_this_machine_is_itself():
  with fetch('weights/vgg.npz') as file:
    assert file == 'weights/vgg.npz'


def test_weights_in_a_bucket_are_read_and_their_copy_goes(
  monkeypatch, tmp_path
):
  given = give_bucket(monkeypatch) + '/vgg.npz'
  np.savez(tmp_path / 'vgg.npz', weight=np.arange(3.0))
  epath.Path(given).parent.mkdir(parents=True, exist_ok=True)
  epath.Path(given).write_bytes((tmp_path / 'vgg.npz').read_bytes())
  with fetch(given) as file:
    np.testing.assert_array_equal(read_tensors(file)['weight'], np.arange(3.0))
  assert not pathlib.Path(file).exists()


def test_what_is_wrong_with_a_file_in_a_bucket_names_it(monkeypatch):
  folder = give_bucket(monkeypatch)
  for name, message in (
    ('box.safetensors', 'is no safetensors file'),
    ('none.safetensors', 'there is no file'),
  ):
    if name == 'box.safetensors':
      epath.Path(folder).mkdir(parents=True, exist_ok=True)
      epath.Path(f'{folder}/{name}').write_bytes(b'text')
    with pytest.raises(UsageError, match=message) as error:
      open_trained(f'{folder}/{name}')
    assert f'{folder}/{name}' in str(error.value)
