import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.names.layouts import (
  our_path,
  translate,
  translate_back,
)
from dagan_jax.weights.names.reenactment import DETECTOR

TABLE = (('down_{}/', 'down_blocks.{}.'), ('head/', 'head.'))


def test_numbers_travel_from_name_to_path():
  assert our_path('down_blocks.12.conv.bias', TABLE) == 'down_12/conv/bias'
  assert our_path('up_blocks.0.conv.bias', TABLE) is None


def test_kernels_turn_and_norms_are_renamed():
  kernel = np.arange(24.0).reshape(2, 3, 2, 2)
  variables = translate(
    {
      'module.down_blocks.0.conv.weight': kernel,
      'down_blocks.0.norm.weight': np.ones(2),
      'down_blocks.0.norm.running_var': np.full(2, 3.0),
      'down_blocks.0.norm.num_batches_tracked': np.array(7),
    },
    TABLE,
  )
  block = variables['params']['down_0']
  np.testing.assert_array_equal(
    block['conv']['kernel'][1, 0], kernel[:, :, 1, 0].T
  )
  assert list(block['norm']) == ['scale']
  np.testing.assert_array_equal(
    variables['batch_stats']['down_0']['norm']['var'], 3
  )


def test_a_name_of_another_network_is_refused():
  with pytest.raises(UsageError, match='encoder'):
    translate({'encoder.layer1.0.conv1.weight': np.ones(1)}, DETECTOR)


def test_there_and_back_is_where_we_were():
  tensors = {
    'down_blocks.3.conv.weight': np.arange(24.0).reshape(2, 3, 2, 2),
    'down_blocks.3.norm.weight': np.ones(2),
    'down_blocks.3.norm.running_var': np.full(2, 3.0),
    'head.weight_orig': np.arange(2.0).reshape(2, 1, 1, 1),
    'head.weight_u': np.ones(2),
    'head.weight_v': np.ones(1),
    'head.bias': np.ones(2),
  }
  back = translate_back(translate(tensors, TABLE), TABLE)
  assert back.keys() == tensors.keys()
  for name, tensor in tensors.items():
    np.testing.assert_array_equal(back[name], tensor)


def test_a_module_without_a_published_name_is_refused():
  with pytest.raises(UsageError, match='nothing like tail/weight'):
    translate_back({'params': {'tail': {'kernel': np.ones((1,) * 4)}}}, TABLE)
