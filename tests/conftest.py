"""Every test runs on four virtual CPU devices and without TensorFlow."""

import getpass
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ['JAX_PLATFORMS'] = 'cpu'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
# Compiling takes longer than computing here, and is shortest at level 0.
os.environ.setdefault('XLA_FLAGS', '--xla_backend_optimization_level=0')

import jax
import pytest

from dagan_jax.inference.reenactment.animator import Animator
from tests.support import tiny

jax.config.update('jax_num_cpu_devices', 4)

# Compiled programs are kept on disk for the tests and runs that follow.
_COMPILED = Path(tempfile.gettempdir()) / f'dagan_jax_{getpass.getuser()}'
jax.config.update('jax_compilation_cache_dir', str(_COMPILED / jax.__version__))
jax.config.update('jax_persistent_cache_min_compile_time_secs', 0.2)


@pytest.fixture(autouse=True, scope='session')
def temporary_folder(tmp_path_factory):
  """Libraries, and processes of tests, leave nothing behind in the system's."""
  folder = str(tmp_path_factory.mktemp('t'))
  with pytest.MonkeyPatch.context() as patch:
    patch.setenv('TMPDIR', folder)
    patch.setattr(tempfile, 'tempdir', folder)
    yield
  shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True, scope='module')
def forget_programs():
  """Frees all compiled programs after each test file.

  They hold memory maps, up to 9000 for one file, and Linux allows a process
  65530: a run that frees none of them crashes.
  """
  yield
  jax.clear_caches()


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch):
  """Makes importing it raise ImportError, as where it is not installed."""
  if 'tensorflow' not in sys.modules:
    monkeypatch.setitem(sys.modules, 'tensorflow', None)


@pytest.fixture(scope='session')
def workdir(tmp_path_factory) -> str:
  """A workdir of a tiny DaGAN, which finds depth."""
  folder = tmp_path_factory.mktemp('dagan')
  return tiny.workdir(folder / 'w', tiny.config_with_depth())


@pytest.fixture(scope='session')
def workdir_without_depth(tmp_path_factory) -> str:
  """A workdir of a tiny FOMM."""
  return tiny.workdir(tmp_path_factory.mktemp('fomm') / 'w', tiny.config())


@pytest.fixture(scope='session')
def animator(workdir) -> Animator:
  """The network of `workdir`, opened once for all."""
  return Animator.open(workdir)
