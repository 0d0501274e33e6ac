"""Tells what is here and which commands will work.

  python -m dagan_jax.doctor --workdir=runs/daganpp

Paste what it prints into a bug report.
"""

import argparse
import importlib.util
import os
import pathlib
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata

import av
import jax

from dagan_jax.console import log
from dagan_jax.inference import compile_cache
from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.runs import checkpoints
from data_pipelines.errors.mendable import exit_code
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


def report(workdir: str | None = None) -> Iterator[str]:
  """Lines about the machine, the packages, the commands and a workdir.

  Raises:
    UsageError: the workdir holds no checkpoint that can be read.
  """
  yield f'Python {platform.python_version()}, {platform.platform()}'
  yield from _versions()
  yield ''
  yield from _machine()
  yield ''
  yield from _codecs()
  yield ''
  yield from commands()
  if workdir:
    yield ''
    yield from _workdir(workdir)


def commands() -> Iterator[str]:
  """Which commands will work, and what the others lack."""
  width = max(map(len, COMMANDS))
  for command, (modules, extra) in COMMANDS.items():
    missing = [name for name in modules if not _installed(name)]
    verdict = 'works'
    if missing:
      verdict = f"needs {', '.join(missing)}: pip install '.[{extra}]'"
    yield f'{command:{width}}  {verdict}'


def _installed(module: str) -> bool:
  try:
    return importlib.util.find_spec(module) is not None
  except ValueError:  # it is kept from being imported
    return False


def _versions() -> Iterator[str]:
  for name in PACKAGES:
    try:
      yield f'{name} {metadata.version(name)}'
    except metadata.PackageNotFoundError:
      continue


def _machine() -> Iterator[str]:
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
  yield _programs()


def _programs() -> str:
  """Where compiled programs are kept, how much is there and how much may be."""
  compile_cache.keep()  # as every command that animates
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


def _codecs() -> Iterator[str]:
  for codec, use in ENCODERS.items():
    known = codec in av.codecs_available
    yield f'{use}: {codec}' + ('' if known else ' IS MISSING: reinstall av')


def _workdir(workdir: str) -> Iterator[str]:
  config = checkpoints.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  size = config.data.image_size
  yield f'{workdir}: {config.task}, {size} pixels, step {step}'
  if config.task == 'reenactment':
    Animator.open(workdir)
    yield f'{workdir} animates'
  else:
    DepthEstimator.open(workdir)
    yield f'{workdir} finds depth'


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.doctor',
    description='Tells what is here and which commands will work.',
  )
  parser.add_argument('--workdir', help='a network to look at as well')
  flags = parser.parse_args()
  log.quiet()

  def tell():
    for line in report(flags.workdir):
      print(line)

  sys.exit(exit_code(tell))


if __name__ == '__main__':
  main()
