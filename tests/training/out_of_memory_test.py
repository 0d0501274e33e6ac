import jax
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.training import loop
from dagan_jax.training.out_of_memory import tell_what_needs_less
from tests.training.loop_test import add_toy, toy_config

DEVICE = jax.errors.JaxRuntimeError('RESOURCE_EXHAUSTED: allocating 3 GiB')


@pytest.mark.parametrize('error', [MemoryError(), DEVICE])
def test_a_run_out_of_memory_says_in_one_line_what_needs_less(
  tmp_path, monkeypatch, error
):
  def fail(*_):
    raise error

  add_toy(monkeypatch)
  monkeypatch.setattr(loop.devices, 'put', fail)
  line = r'\A[^\n]*out of memory: a smaller data\.batch_size[^\n]*\Z'
  with pytest.raises(UsageError, match=line):
    loop.train_and_evaluate(toy_config(), tmp_path)


def test_other_trouble_of_a_device_is_told_as_it_is():
  error = jax.errors.JaxRuntimeError('INTERNAL: a kernel failed')
  with pytest.raises(jax.errors.JaxRuntimeError), tell_what_needs_less():
    raise error
