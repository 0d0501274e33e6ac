"""What to do where memory ends, on a device or on the host."""

import contextlib
from collections.abc import Iterator

import jax

from dagan_jax.console.errors import UsageError


@contextlib.contextmanager
def tell_what_needs_less() -> Iterator[None]:
  """Tells in one line that memory is used up, and which settings need less.

  Raises:
    UsageError: in place of a MemoryError, or of the same from a device.
  """
  try:
    yield
  except MemoryError as error:
    raise _line('the host') from error
  except jax.errors.JaxRuntimeError as error:
    if 'RESOURCE_EXHAUSTED' not in str(error):
      raise
    raise _line('a device') from error


def _line(where: str) -> UsageError:
  return UsageError(
    f'{where} is out of memory: a smaller data.batch_size needs less, or'
    ' --config.accumulate=2, --config.remat=True, --config.precision=bfloat16'
    ' or --config.divide_above=10000; the same command goes on from the last'
    ' checkpoint'
  )
