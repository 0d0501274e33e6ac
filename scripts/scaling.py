"""Predicts on paper how a step scales: bytes between devices, efficiency.

  JAX_NUM_CPU_DEVICES=2 python scripts/scaling.py --step_ms=150 \\
    --config=configs/dagan.py

compiles the step for the devices at hand, virtual ones will do, and counts
what they tell one another. The bytes of all-reduces do not depend on how many
devices there are. From --step_ms, a step's milliseconds on one device, come
predictions for 8, 64 and 512 of them, each with as many pairs as that one, on
links of known speed, as if nothing were sent while something is computed.
"""

import math
import re
import sys
from typing import NamedTuple

import benchmark_train
import jax
from absl import flags
from ml_collections import ConfigDict, config_flags

from dagan_jax import tasks
from dagan_jax.console import log
from dagan_jax.console.errors import UsageError
from dagan_jax.runs import devices
from dagan_jax.training import loop
from data_pipelines.errors.mendable import exit_code

# Flags of its own: whoever imports this file may have others of these names.
_FLAGS = flags.FlagValues()
_CONFIG = config_flags.DEFINE_config_file(
  'config', 'configs/dagan.py', flag_values=_FLAGS
)
_STEP = flags.DEFINE_float(
  'step_ms', 100.0, 'A step on one device.', flag_values=_FLAGS
)

_KINDS = 'all-reduce|all-gather|reduce-scatter|all-to-all|collective-permute'
_CALL = re.compile(rf' = (\(.*?\)|\S+) ({_KINDS})(?:-start)?\(')
_ARRAY = re.compile(r'\b([a-z]+\d+|pred)\[([\d,]*)\]')


class Link(NamedTuple):
  """What connects devices; gigabytes a second of each, in one direction."""

  name: str
  near: float  # among `beside` devices
  far: float  # from there on, of each device
  beside: int
  wait: float  # microseconds that a message takes


LINKS = (
  Link('NVLink 4 in nodes of 8, InfiniBand NDR between', 450.0, 50.0, 8, 5.0),
  Link('InfiniBand NDR alone, one card a device', 50.0, 50.0, 1, 5.0),
  Link('ICI of a TPU v5e, a ring in each of two axes', 100.0, 100.0, 512, 1.0),
)


def collectives(program: str) -> dict[str, tuple[int, int]]:
  """How many there are of each kind in compiled HLO, and their results' bytes.

  An all-reduce of several arrays at once is one.
  """
  found = {}
  for result, kind in _CALL.findall(program):
    count, total = found.get(kind, (0, 0))
    found[kind] = count + 1, total + sum(map(_bytes, _ARRAY.findall(result)))
  return found


def all_reduce_seconds(size: int, count: int, many: int, link: Link) -> float:
  """Time of `count` all-reduces of `size` bytes in all, by rings and trees.

  Within a node each device ends with its part of the sum, which it shares with
  its likes in other nodes; then the parts come together. Who waits, waits for
  as many messages as a tree over all devices is deep, up and down.
  """
  near = min(many, link.beside)
  nodes = many / near
  seconds = 2 * (near - 1) / near * size / (link.near * 1e9)
  seconds += 2 * (nodes - 1) / nodes * size / near / (link.far * 1e9)
  return seconds + count * 2 * math.log2(many) * link.wait * 1e-6


def predict(size: int, count: int, step: float, link: Link) -> str:
  """A line of efficiencies on 8, 64 and 512 devices; `step` in seconds."""
  told = []
  for many in (8, 64, 512):
    sent = all_reduce_seconds(size, count, many, link)
    told.append(f'{many}: {step / (step + sent):.1%} ({1e3 * sent:.2f} ms)')
  return f'{link.name} | ' + ' | '.join(told)


def compile_step(config: ConfigDict) -> str:
  """The HLO of a step, compiled for all devices at hand."""
  task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  examples = benchmark_train.noise(config)
  key = jax.eval_shape(lambda: jax.random.key(0))
  state = jax.eval_shape(task.init, key, examples)
  layout = devices.divided(state, mesh, config.divide_above)
  step = loop.jitted_step(task, mesh, layout)
  return step.lower(key, state, examples).compile().as_text()


def main(arguments: list[str]) -> None:
  """Does what the command line says.

  Raises:
    UsageError: a flag is unknown or wrong.
  """
  try:
    _FLAGS(arguments)
  except flags.Error as error:
    raise UsageError(str(error)) from None
  log.quiet()
  found = collectives(compile_step(_CONFIG.value))
  for kind, (count, size) in found.items():
    print(f'{kind}: {count}, {size / 1e6:.3f} MB')
  count, size = found.get('all-reduce', (0, 0))
  for link in LINKS:
    print(predict(size, count, _STEP.value / 1e3, link))


def _bytes(array: tuple[str, str]) -> int:
  kind, sizes = array
  width = 1 if kind == 'pred' else int(re.sub('[a-z]', '', kind)) // 8
  return width * math.prod(int(size) for size in sizes.split(',') if size)


if __name__ == '__main__':
  sys.exit(exit_code(lambda: main(sys.argv)))
