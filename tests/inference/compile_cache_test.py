import pathlib

import pytest

from dagan_jax.inference import compile_cache


def test_traced_programs_lie_beside_compiled_ones(setting):
  setting('jax_compilation_cache_dir', '/place')
  assert compile_cache.traced_folder() == pathlib.Path('/place/traced')


def test_a_bucket_never_becomes_a_folder_of_that_name(setting):
  setting('jax_compilation_cache_dir', 'gs://bucket/place')
  assert compile_cache.traced_folder() is None


@pytest.mark.parametrize(
  'name, value',
  [
    ('jax_compilation_cache_dir', None),
    ('jax_enable_compilation_cache', False),
  ],
)
def test_where_nothing_is_compiled_for_later_nothing_is_traced_for_it(
  setting, name, value
):
  setting(name, value)
  assert compile_cache.traced_folder() is None
