"""Times a driving frame and its parts: `benchmark.py animate` and `video`.

Weights are random, portrait and video are rendered. 'plain' is the network as
it was trained, 'fast' what `Programs` makes of it on this device: fast
convolutions on a processor, bfloat16 on an accelerator. Percentages compare
with the operations a second that a matrix product reached in the same run.
Operations are counted in the plain network, so a fast one may pass 100 %.
"""

import functools
import itertools
import os
import pathlib
import platform
import tempfile
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from ml_collections import ConfigDict
from stopwatch import (
  matrix_product_rate,
  median_seconds,
  median_seconds_in_turns,
  peak_memory,
)

from dagan_jax.geometry.pixels import (
  bytes_of,
  unit,
)
from dagan_jax.inference import fast_convolution
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.reenactment.programs import Programs
from dagan_jax.models.dagan.reenactor import (
  Reenactor,
  build_reenactor,
)
from data_pipelines.media import video_reader, video_writer
from data_pipelines.synthetic import rendered_faces

RATE = 25
PERSON, DRIVER = 0, 1  # of the rendered ones
LONGER = 10
CHUNKS = {False: (1, 4), True: (1, 8, 32)}  # on processors, on accelerators


def compare(config: ConfigDict, repeats: int) -> None:
  """Prints the time of each part of a frame and of whole frames.

  Args:
    config: describes the network and its pictures.
    repeats: how often each is measured, in turns; medians are printed.
  """
  reenactor, variables, size = make_network(config)
  networks = {
    'plain': Programs(
      reenactor, variables, size, precision='float32', fast=False
    ),
    'fast': Programs(reenactor, variables, size),
  }
  peak = measure_matrix_product(repeats)
  print(
    f'{name_device()}: {peak / 1e9:.0f} GFLOP/s in a float32 matrix product'
  )
  print(f'one frame at {size} px:')
  for name, (part, given) in _parts(networks['plain']).items():
    jitted = compile_part(reenactor, part)
    calls = {
      kind: functools.partial(jitted, programs.weights, *given)
      for kind, programs in networks.items()
    }
    _print_row(
      name,
      _operations(config, part, given),
      median_seconds_in_turns(calls, repeats),
      peak,
    )
  print('all of a driving frame, in chunks of frames:')
  operations = _operations(config, *whole_frame(networks['plain'], 1))
  for count in CHUNKS[jax.default_backend() != 'cpu']:
    calls = {}
    for kind, programs in networks.items():
      part, given = whole_frame(programs, count)
      jitted = compile_part(reenactor, part)
      calls[kind] = functools.partial(jitted, programs.weights, *given)
    times = median_seconds_in_turns(calls, repeats)
    times = {kind: seconds / count for kind, seconds in times.items()}
    _print_row(f'chunks of {count}', operations, times, peak)


def video(config: ConfigDict, repeats: int, frames: int) -> None:
  """Prints the time from a video to the animated video, and the memory.

  Args:
    config: describes the network and its pictures.
    repeats: how often the video is animated; the median is printed.
    frames: how many the video has. A second video is ten times as long.
  """
  reenactor, variables, size = make_network(config)
  animator = Animator(Programs(reenactor, variables, size))
  faces = [rendered_faces.image(DRIVER, n / RATE, size) for n in range(frames)]
  picture = rendered_faces.image(PERSON, 0, size)
  print(
    f'{name_device()}: videos at {size} px, read, animated and written as mp4'
  )
  with tempfile.TemporaryDirectory() as folder:
    paths = [f'{folder}/{name}.mp4' for name in ('short', 'long', 'made')]
    for path, times in zip(paths, (1, LONGER), strict=False):
      with video_writer.VideoWriter(path, RATE) as writer:
        for face in itertools.chain(*[faces] * times):
          writer.write(face)

    def animate(path):
      motion = animator.watch(
        video_reader.SteadyVideo(path), crop_driving='none'
      )
      portrait = animator.prepare(picture, crop='none')
      with video_writer.VideoWriter(paths[-1], motion.rate) as writer:
        for frame in animator.frames(portrait, motion):
          writer.write(frame)

    seconds = median_seconds(lambda: animate(paths[0]), repeats)
    short = peak_memory()
    began = time.perf_counter()
    animate(paths[1])
    longer = time.perf_counter() - began
    long = peak_memory()
  print(f'{frames} frames: {1e3 * seconds / frames:.1f} ms a frame')
  frames *= LONGER
  print(f'{frames} frames: {1e3 * longer / frames:.1f} ms a frame')
  print(f'peak memory {short:.2f} GiB, then {long:.2f} ({long / short:.3f} x)')


def make_network(config: ConfigDict) -> tuple[Reenactor, dict, int]:
  """A network of random weights, spread as those PyTorch starts with."""
  reenactor = build_reenactor(config.model.to_dict())
  size = config.data.image_size
  picture = jax.ShapeDtypeStruct((1, size, size, 3), jnp.float32)
  shapes = jax.eval_shape(reenactor.init, jax.random.key(0), picture, picture)
  random = np.random.default_rng(0)

  def drawn(path, leaf):
    if path[-1].key in ('scale', 'var', 'gamma', 'u', 'v'):
      return np.ones(leaf.shape, np.float32)
    fan_in = np.prod(leaf.shape[:-1])
    return np.float32(random.standard_normal(leaf.shape) / fan_in**0.5)

  return reenactor, jax.tree_util.tree_map_with_path(drawn, shapes), size


def name_device() -> str:
  """The name of the accelerator or processor."""
  device = jax.devices()[0].device_kind
  if device != 'cpu':
    return device
  info = pathlib.Path('/proc/cpuinfo')
  lines = info.read_text().splitlines() if info.exists() else []
  models = [
    x.split(':')[1].strip() for x in lines if x.startswith('model name')
  ]
  model = models[0] if models else platform.processor()
  return f'{model}, {len(os.sched_getaffinity(0))} cores'


def measure_matrix_product(repeats: int) -> float:
  """Operations a second in a matrix product, the best of a few sizes."""
  return max(
    matrix_product_rate(size, jnp.float32, repeats)
    for size in (1024, 2048, 4096)
  )


def _parts(programs: Programs) -> dict[str, tuple[Callable, tuple]]:
  """The network's parts, each with its arguments for one frame."""
  picture = render_driver(programs.size, 1)
  source, face = programs.encode(picture), programs.analyse(picture)
  motion = programs.render(
    source, face.keypoints, None, 1.0, inside=True
  ).rendering.motion
  parts = {
    'depth': (
      lambda network, image: network.depth(image, train=False)[0],
      (face.image,),
    ),
    'keypoints': (
      lambda network, *seen: network.detector(*seen, train=False),
      (face.image, face.disparity),
    ),
    'lids and lips': (
      lambda network, image: network.find_guides(image),
      (face.image,),
    ),
    'motion': (
      lambda network, source, driving: network.motion(
        source.thumbnail,
        source.keypoints,
        driving,
        finest=programs.size,
        train=False,
      ),
      (source, face.keypoints),
    ),
    'generator': (
      lambda network, source, motion: (
        network.generator.decode(
          source.encoding,
          motion,
          network.generator.deform(source.image, motion),
          train=False,
        ).prediction
      ),
      (source, motion),
    ),
    'the portrait': (
      lambda network, face: network.encode_source(face),
      (face,),
    ),
  }
  if face.disparity is None:
    del parts['depth']
  if programs.reenactor.guides is None:
    del parts['lids and lips']
  return parts


def compile_part(reenactor: Reenactor, part: Callable) -> Callable:
  """A part of the network, compiled as animating compiles it."""
  return jax.jit(
    functools.partial(fast_convolution.apply, reenactor, method=part)
  )


def whole_frame(programs: Programs, count: int) -> tuple[Callable, tuple]:
  """The whole work for `count` driving frames, and its arguments."""
  source = programs.encode(render_driver(programs.size, 1))
  many = jax.tree.map(lambda x: jnp.repeat(x, count, axis=0), source)

  def frame(network, source, pictures):
    driving = network.analyse(unit(pictures)).keypoints
    return bytes_of(network.render(source, driving).prediction)

  return frame, (many, render_driver(programs.size, count))


def render_driver(size: int, count: int) -> jax.Array:
  faces = [rendered_faces.image(DRIVER, n / RATE, size) for n in range(count)]
  return jnp.stack(faces)


def _operations(config: ConfigDict, part: Callable, given: tuple) -> float:
  """How many operations a part takes in the plain network."""
  whole = config.copy_and_resolve_references()
  # XLA counts the body of a loop once. In one chunk attention has no loop.
  whole.model.generator.attention.chunk = 1 << 30
  reenactor, variables, _ = make_network(whole)
  applied = functools.partial(reenactor.apply, method=part)
  return jax.jit(applied).lower(variables, *given).cost_analysis()['flops']


def _print_row(name: str, operations: float, times: dict, peak: float) -> None:
  cells = [
    f'{kind} {1e3 * seconds:7.1f} ms {operations / seconds / peak:4.0%}'
    for kind, seconds in times.items()
  ]
  plain, fast = times.values()
  cells = f'{name:14s}', f'{operations / 1e9:6.1f} GFLOP', *cells
  print(' | '.join([*cells, f'{plain / fast:.2f} x']))
