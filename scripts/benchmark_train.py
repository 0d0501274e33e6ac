"""Measures training steps, over batch sizes and precisions."""

import json
import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.errors import JaxRuntimeError
from ml_collections import ConfigDict
from stopwatch import (
  matrix_product_rate,
  median_seconds,
  peak_memory,
  planned_memory,
)

from dagan_jax import tasks
from dagan_jax.runs import devices
from dagan_jax.tasks.task import Batch, Task
from dagan_jax.training import loop
from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.reading import pipeline

# The config's precision 'bfloat16', or float32 as the accelerator multiplies:
# as jax.default_matmul_precision calls that.
PRECISIONS = ('default', 'bfloat16', 'tensorfloat32', 'float32')

Row = dict[str, Any]


def sweep(
  config: ConfigDict,
  repeats: int,
  *,
  batches: Sequence[int] = (),
  precisions: Sequence[str] = ('default',),
  output: str = '',
) -> list[Row]:
  """Measures every batch size at every precision; one line for each.

  Args:
    config: of the run that would be trained.
    repeats: of each measurement, of which the median counts.
    batches: sizes, over all devices; none: the config's own.
    precisions: some of PRECISIONS.
    output: where all rows go as JSON; '': nowhere.
  """
  rows = []
  for precision in precisions:
    halved = precision == 'bfloat16'
    with jax.default_matmul_precision('default' if halved else precision):
      peak = matrix_product_peak(precision, repeats)
      print(f'{precision}: {peak / 1e12:.2f} TFLOP/s in a matrix product')
      for count in batches or (config.data.batch_size,):
        sized = config.copy_and_resolve_references()
        sized.data.batch_size = count
        sized.precision = 'bfloat16' if halved else 'float32'
        row = {'batch_size': count, 'precision': precision}
        try:
          row |= measure(sized, repeats, peak * jax.device_count())
        except JaxRuntimeError as error:
          if 'RESOURCE_EXHAUSTED' not in str(error):
            raise
          row['out_of_memory'] = True
        rows.append(row)
        print(' | '.join(f'{name} {_show(x)}' for name, x in row.items()))
        if output:  # after each: a long sweep may not come to its end
          _write(output, rows)
  return rows


def measure(config: ConfigDict, repeats: int, peak: float) -> Row:
  """One row: a step on random pictures, and on those that the data give.

  compile_s; step_ms, pairs_per_s (examples) and data_wait (the share of the
  time that real data are waited for; None without data); flop_per_step, as
  XLA counts it, and utilisation, its share of `peak` FLOP/s of all devices;
  plan_gib, what the program needs on a device, and peak_memory_gib, the most
  that was used so far, of all that this process did.
  """
  task = tasks.TASKS[config.task](config)
  mesh = devices.mesh()
  examples = noise(config)
  key, batch = devices.random_key(0, mesh), devices.put(examples, mesh)
  state = jax.jit(task.init)(jax.random.key(0), examples)
  state = jax.device_put(state, devices.replicated(mesh))
  began = time.perf_counter()
  step = loop.jitted_step(task, mesh).lower(key, state, batch).compile()
  compiled = time.perf_counter() - began

  def once(batch=batch):
    nonlocal state
    state, update = step(key, state, batch)
    jax.block_until_ready(update)

  seconds = median_seconds(once, repeats)
  flops = step_flops(config, examples)
  return {
    'compile_s': compiled,
    'step_ms': 1e3 * seconds,
    'pairs_per_s': config.data.batch_size / seconds,
    'data_wait': _data_wait(config, once, mesh, batch.keys(), repeats),
    'flop_per_step': flops,
    'utilisation': flops / seconds / peak,
    'plan_gib': planned_memory(step) / 2**30,
    'peak_memory_gib': peak_memory(),
  }


def step_flops(config: ConfigDict, examples: Batch) -> float:
  """Operations of a step on the whole batch, before any optimisation.

  XLA counts the body of a loop once, so the program that is counted has none;
  nor does it count what a GPU's library does, which this program is free of.
  """
  config = config.copy_and_resolve_references()
  config.accumulate = 1
  if 'generator' in config.model:
    config.model.generator.attention.chunk = 1 << 30
  task: Task = tasks.TASKS[config.task](config)
  key = jax.eval_shape(lambda: jax.random.key(0))
  state = jax.eval_shape(task.init, key, examples)
  program = jax.jit(task.train_step).lower(key, state, examples)
  return float(program.cost_analysis()['flops'])


def matrix_product_peak(precision: str, repeats: int) -> float:
  """FLOP/s that one device reaches in the best of several matrix products."""
  dtype = jnp.bfloat16 if precision == 'bfloat16' else jnp.float32
  best = 0.0
  for size in (512, 1024, 2048, 4096, 8192, 16384):
    rate = matrix_product_rate(size, dtype, repeats)
    best = max(best, rate)
    if 2 * size**3 / rate > 0.05:  # larger ones take long, and gain nothing
      break
  return best


def noise(config: ConfigDict) -> dict[str, np.ndarray]:
  """A batch of random pictures."""
  size, count = config.data.image_size, config.data.batch_size
  shape = (count, config.data.views, size, size, 3)
  noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
  if config.data.sampler == 'pairs':
    return {'source': noise[:, 0], 'driving': noise[:, 1]}
  return {'frames': noise}


def _data_wait(config, once, mesh, names, repeats: int) -> float | None:
  """The share of the time of some steps that their batches were waited for."""
  try:
    data = pipeline.make_iterator(config.data, 'train', shard=devices.shard())
  except DataError:
    return None
  waited = 0.0
  try:
    next(data)  # workers start, and something is made ahead
    began = time.perf_counter()
    for _ in range(repeats):
      asked = time.perf_counter()
      given = next(data)
      waited += time.perf_counter() - asked
      once(devices.put({name: given[name] for name in names}, mesh))
    return waited / (time.perf_counter() - began)
  finally:
    data.close()


def _show(value: Any) -> str:
  return f'{value:.4g}' if isinstance(value, float) else str(value)


def _write(path: str, rows: list[Row]) -> None:
  device = jax.devices()[0]
  told = {
    'device': device.device_kind,
    'devices': jax.device_count(),
    'jax': jax.__version__,
    'rows': rows,
  }
  with write_whole(path) as partial:
    partial.write_text(json.dumps(told, indent=2) + '\n')
