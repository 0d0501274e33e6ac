"""Every test runs on four virtual CPU devices and without TensorFlow."""

import getpass
import os
import sys
import tempfile
from pathlib import Path

os.environ['JAX_PLATFORMS'] = 'cpu'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
# Tests compile more than they compute: random weights in a third of the time.
os.environ.setdefault('XLA_FLAGS', '--xla_backend_optimization_level=1')

import jax
import pytest

jax.config.update('jax_num_cpu_devices', 4)

# What one test has compiled the next one, and the next run, need not.
_COMPILED = Path(tempfile.gettempdir()) / f'dagan_jax_{getpass.getuser()}'
jax.config.update('jax_compilation_cache_dir', str(_COMPILED / jax.__version__))
jax.config.update('jax_persistent_cache_min_compile_time_secs', 0.2)


@pytest.fixture(autouse=True, scope='module')
def compiled_anew():
  """Lets go of a file's programs at its end.

  Each keeps some memory maps, up to 9000 in all of one file, and Linux gives a
  process 65530. With all kept, a run crashed after two thousand tests.
  """
  yield
  jax.clear_caches()


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch):
  """As where it is not installed: importing it raises ImportError."""
  if 'tensorflow' not in sys.modules:
    monkeypatch.setitem(sys.modules, 'tensorflow', None)
