import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.published import Published, check_tensors, list_unused


def tensors() -> dict[str, np.ndarray]:
  return {
    f'r{i}.{leaf}': np.ones((4, *shape), np.float32)
    for i in range(6)
    for leaf, shape in (('weight', (2, 3, 3)), ('bias', ()))
  }


def test_equal_tensors_of_other_values_are_accepted():
  other = {name: 2 * x for name, x in tensors().items()}
  check_tensors('its generator', other, tensors(), 'why')


def remove_many(found):
  for i in range(6):
    del found[f'r{i}.bias']


# What is done to a part, and what is said of it.
CHANGES = {
  'missing': (lambda x: x.pop('r1.bias'), r'r1\.bias is missing: why'),
  'unknown': (lambda x: x.update(fc=np.ones(1)), r'fc is unknown: why'),
  'misshapen': (
    lambda x: x.update({'r1.bias': x['r1.bias'][1:]}),
    r'r1\.bias is float32\[3\], not float32\[4\]: why',
  ),
  'of another type': (
    lambda x: x.update({'r1.weight': np.float64(x['r1.weight'])}),
    r'r1\.weight is float64\[4, 2, 3, 3\], not float32\[4, 2, 3, 3\]: why',
  ),
  'many': (remove_many, r'r2\.bias is missing; and 3 more: why'),
  'NaN': (
    lambda x: x['r2.bias'].__setitem__(3, np.nan),
    r'r2\.bias holds numbers that are not finite',
  ),
  'infinite': (
    lambda x: x['r2.bias'].__setitem__(3, -np.inf),
    r'r2\.bias holds numbers that are not finite',
  ),
}


@pytest.mark.parametrize('kind', CHANGES)
def test_every_difference_is_named(kind):
  change, reason = CHANGES[kind]
  found = tensors()
  change(found)
  with pytest.raises(UsageError, match=f'^its generator: .*{reason}'):
    check_tensors('its generator', found, tensors(), 'why')


def test_unused_names_that_differ_in_numbers_alone_are_told_as_one():
  names = [f'layers.{i}.attention.{k}.slopes' for i in range(20) for k in '01']
  names += ['fc1.weight', 'fc2.weight', 'to_rgb.0.bias']
  unused = {f'pose/{name}': np.zeros(1) for name in names}
  assert list_unused(Published({}, {}, unused, [])) == [
    'fc1.weight',
    'fc2.weight',
    'layers.*.attention.*.slopes (40 times)',
    'to_rgb.0.bias',
  ]
