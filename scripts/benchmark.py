"""Measures speed: `benchmark.py train|animate|race|video|data|costs`.

  train    training steps of either stage over --batches=8,16 and --precision:
           pairs a second, arithmetic and its share of what the devices reach in
           a matrix product, memory, compile time, wait for data; --json=FILE
  animate  a driving frame and its parts: milliseconds, arithmetic, and share of
           what the device reaches in a matrix product; plain and fast
  race     a driving frame here, in ONNX Runtime and in OpenVINO, in turns
  video    a video from file to file, and whether memory grows with its length
  data     examples a second from the pipeline, rendered faces a second, and
           pairs a second from each source beside a plain loop over PNG files
  costs    parameters, arithmetic and memory of stage 2, as XLA plans them:
           nothing is computed, so a laptop tells what an accelerator needs;
           docs/costs.md has the published sizes

Each takes --config (default configs/synthetic.py) and --config.x=y overrides,
so that the same command runs on a laptop and on an accelerator. Numbers are
medians of several repeats. Machines are noisy: compare numbers of one run, not
of two. For peak memory measure one thing at a time: a process reports the most
that it has used so far.
"""

import functools
import sys

import benchmark_animation
import benchmark_data
import benchmark_race
import benchmark_train
import jax
import jax.numpy as jnp
import numpy as np
from absl import app, flags
from ml_collections import ConfigDict, config_flags
from stopwatch import median_seconds, planned_memory

from dagan_jax import tasks
from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.pixels import unit
from dagan_jax.inference import memory
from data_pipelines.errors.mendable import exit_code
from data_pipelines.reading import pipeline
from data_pipelines.synthetic import rendered_faces

_CONFIG = config_flags.DEFINE_config_file('config', 'configs/synthetic.py')
_FRAMES = flags.DEFINE_integer('frames', 25, 'Frames of the video.')
_BATCHES = flags.DEFINE_list(
  'batches', [], "train: batch sizes, as 8,16,32; default: the config's."
)
_PRECISIONS = flags.DEFINE_multi_enum(
  'precision',
  ['default'],
  benchmark_train.PRECISIONS,
  'train: how devices multiply; may be given several times.',
)
_JSON = flags.DEFINE_string('json', '', 'train: where the numbers go as JSON.')
_REPEATS = flags.DEFINE_integer('repeats', 5, 'Measured repeats of each.')


def train_step(config: ConfigDict) -> None:
  """Steps at each batch size and precision, after compiling them."""
  memory.keep_freed_memory()
  benchmark_train.sweep(
    config,
    _REPEATS.value,
    batches=[int(count) for count in _BATCHES.value],
    precisions=_PRECISIONS.value,
    output=_JSON.value,
  )


def animation(config: ConfigDict) -> None:
  """A portrait and driving frames, through random weights."""
  memory.keep_freed_memory()
  benchmark_animation.compare(config, _REPEATS.value)


def race(config: ConfigDict) -> None:
  """A driving frame through random weights, beside other runtimes."""
  memory.keep_freed_memory()
  benchmark_race.race(config, _REPEATS.value)


def video(config: ConfigDict) -> None:
  """A video from file to file, through random weights."""
  memory.keep_freed_memory()
  benchmark_animation.video(config, _REPEATS.value, _FRAMES.value)


def costs(config: ConfigDict) -> None:
  """A row of docs/costs.md: one config at its image size, batch 1 and 8."""
  whole = config.copy_and_resolve_references()
  # XLA counts the body of a loop once. In one chunk attention has no loop.
  whole.model.generator.attention.chunk = 1 << 30
  learnt, flops = _arithmetic(whole)
  cells = [f'{learnt / 1e6:.2f}', *(f'{x / 1e9:.0f}' for x in flops)]
  for count in (1, 8):
    cells += [f'{x / 2**30:.2f}' for x in _memory(config, count)]
  print(
    'millions learnt | GFLOP: portrait, driving frame, training pair'
    ' | GiB: animation, training at batch 1; at batch 8'
  )
  print(' | '.join(cells))


def _arithmetic(config: ConfigDict) -> tuple[int, list[float]]:
  """Counts the learnt parameters, and the operations of `_programs`."""
  programs, state = _programs(config, 1)
  players = (
    state.variables[name]['params'] for name in ('reenactor', 'discriminator')
  )
  learnt = sum(
    leaf.size
    for player in players
    for name, network in player.items()
    if name != 'depth'
    for leaf in jax.tree.leaves(network)
  )
  return learnt, [program.cost_analysis()['flops'] for program in programs]


def _memory(config: ConfigDict, count: int) -> list[int]:
  """Bytes at the peak of animating and of training, weights included."""
  (_, animation, training), _ = _programs(config, count)
  return [planned_memory(p.compile()) for p in (animation, training)]


def _programs(config: ConfigDict, count: int):
  """Programs for a portrait, `count` driving frames and a step on pairs.

  Also gives the training state; all of it is shapes without numbers.
  """
  task = tasks.TASKS[config.task](config)
  size = config.data.image_size
  picture, pictures = (
    jax.ShapeDtypeStruct((n, size, size, 3), np.uint8) for n in (1, count)
  )
  batch = {'source': pictures, 'driving': pictures}
  key = jax.eval_shape(lambda: jax.random.key(0))
  state = jax.eval_shape(task.init, key, batch)
  step = jax.jit(task.train_step, donate_argnums=1).lower(key, state, batch)

  def encode(network, portrait):
    return network.encode_source(network.analyse(unit(portrait)))

  def animate(network, source, frames):
    source = jax.tree.map(
      lambda x: jnp.broadcast_to(x, (count, *x.shape[1:])), source
    )
    return network.render(
      source, network.analyse(unit(frames)).keypoints
    ).prediction

  encode, animate = (
    jax.jit(functools.partial(task.reenactor.apply, method=method))
    for method in (encode, animate)
  )
  variables = state.variables['reenactor']
  source = jax.eval_shape(encode, variables, picture)
  return (
    encode.lower(variables, picture),
    animate.lower(variables, source, pictures),
    step,
  ), state


def data(config: ConfigDict) -> None:
  """Times the pipeline of the config, the renderer, and every source."""
  batches = pipeline.make_iterator(config.data, 'train')
  next(batches)
  seconds = median_seconds(lambda: next(batches), 4 * _REPEATS.value)
  batches.close()
  print(
    f'{config.data.batch_size / seconds:.1f} examples/s at '
    f'{config.data.image_size} px from {config.data.source!r}'
  )
  for size in (64, 128, 256):
    clock = iter(range(1000))
    seconds = median_seconds(
      lambda clock=clock, size=size: rendered_faces.image(
        3, next(clock) / 25, size
      ),
      _REPEATS.value,
    )
    print(f'{1 / seconds:.0f} rendered faces/s on one core at {size} px')
  benchmark_data.compare(config.data, _REPEATS.value)


WORK = {
  'train': train_step,
  'animate': animation,
  'video': video,
  'data': data,
  'costs': costs,
  'race': race,
}


def main(arguments: list[str]) -> None:
  """Measures what the arguments name; everything if they name nothing."""
  log.quiet()
  names = arguments[1:] or list(WORK)
  for name in names:
    if name not in WORK:
      raise UsageError(f'{name!r} is none of {", ".join(WORK)}')
  print(f'{jax.devices()[0].device_kind}, {len(jax.devices())} device(s)')
  for name in names:
    WORK[name](_CONFIG.value)


if __name__ == '__main__':
  sys.exit(exit_code(lambda: app.run(main)))
