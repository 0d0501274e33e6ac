"""Every test runs on four virtual CPU devices and without TensorFlow."""

# ruff: noqa: E402 -- JAX is to be imported after the environment is made.

import getpass
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ['JAX_PLATFORMS'] = 'cpu'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'
# Compiling takes longer than computing here, and is shortest at level 0. Loops
# that are written without MLIR (--xla_cpu_use_fusion_emitters=false) compile in
# a quarter of the time, but equal pictures then differ by more than rounding.
os.environ.setdefault(
  'XLA_FLAGS',
  '--xla_backend_optimization_level=0 --xla_cpu_parallel_codegen_split_count=1',
)

# What is compiled, programs and Python alike, is kept on disk for the tests and
# runs that follow, and for the many processes that tests start: uv installs
# packages uncompiled, and JAX alone then takes a second longer to import.
_COMPILED = Path(tempfile.gettempdir()) / f'dagan_jax_{getpass.getuser()}'
os.environ |= {
  'JAX_COMPILATION_CACHE_DIR': str(_COMPILED / 'programs'),
  'JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS': '0.2',
  'PYTHONPYCACHEPREFIX': str(_COMPILED / 'python'),
}
os.environ.pop('PYTHONDONTWRITEBYTECODE', None)
sys.pycache_prefix = os.environ['PYTHONPYCACHEPREFIX']
sys.dont_write_bytecode = False

import jax
import pytest

from dagan_jax.inference.reenactment.animator import Animator
from tests.support import tiny

jax.config.update('jax_num_cpu_devices', 4)


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


@pytest.fixture
def setting():
  """Sets options of JAX, until the test ends."""
  before = {}

  def change(name, value):
    before.setdefault(name, getattr(jax.config, name))
    jax.config.update(name, value)

  yield change
  for name, value in before.items():
    jax.config.update(name, value)


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
