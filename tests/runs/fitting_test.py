import numpy as np

from dagan_jax.runs.fitting import fit


def tree(**shapes):
  """Variables of modules; each has a kernel of that shape and statistics."""
  return {
    'params': {
      name: {'kernel': np.full(shape, 1.0)} for name, shape in shapes.items()
    },
    'batch_stats': {
      name: {'mean': np.full(shape[-1:], 1.0)} for name, shape in shapes.items()
    },
  }


def test_a_network_fits_into_its_like_whole():
  given = tree(first=(3, 4), second=(4, 5))
  empty = {
    collection: {
      name: {leaf: 0 * array for leaf, array in leaves.items()}
      for name, leaves in modules.items()
    }
    for collection, modules in given.items()
  }
  fitted, table = fit(given, empty)
  assert (fitted['params']['second']['kernel'] == 1).all()
  assert (fitted['batch_stats']['first']['mean'] == 1).all()
  assert table.split() == ['loaded', 'first', 'loaded', 'second']


def test_what_is_new_or_of_another_shape_keeps_its_fresh_values():
  fresh = tree(same=(2, 3), wider=(3, 8), new=(8, 1))
  for module in fresh['params'].values():
    module['kernel'] *= 7
  fitted, table = fit(tree(same=(2, 3), wider=(3, 4), old=(1, 1)), fresh)
  assert (fitted['params']['same']['kernel'] == 1).all()
  assert (fitted['params']['wider']['kernel'] == 7).all()
  assert (fitted['params']['new']['kernel'] == 7).all()
  assert 'old' not in fitted['params']
  assert table.splitlines() == [
    'reinitialised  new',
    'skipped        old',
    'loaded         same',
    'reinitialised  wider',
  ]


def test_a_module_that_fares_differently_in_its_parts_is_told_part_by_part():
  given, fresh = tree(one=(3, 4)), tree(one=(5, 4))
  _, table = fit(given, fresh)
  assert table.splitlines() == [
    'reinitialised  one.kernel',
    'loaded         one.mean',
  ]
