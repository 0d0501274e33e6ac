"""Measures seconds, memory and matrix products for the benchmarks."""

import resource
import statistics
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp


def median_seconds(work: Callable[[], object], repeats: int) -> float:
  """Median time of a call; a first call, which may compile, does not count."""
  return median_seconds_in_turns({'work': work}, repeats)['work']


def median_seconds_in_turns(
  work: dict[str, Callable[[], object]], repeats: int
) -> dict[str, float]:
  """Median times of several calls, made in turns.

  So what else the machine does slows all of them alike.
  """
  taken = {name: [] for name in work}
  for count in range(repeats + 1):
    for name, call in work.items():
      began = time.perf_counter()
      jax.block_until_ready(call())
      if count:
        taken[name].append(time.perf_counter() - began)
  return {name: statistics.median(times) for name, times in taken.items()}


def peak_memory() -> float:
  """The most memory used so far in GiB, of the accelerator or this process."""
  stats = jax.local_devices()[0].memory_stats() or {}
  if 'peak_bytes_in_use' in stats:
    return stats['peak_bytes_in_use'] / 2**30
  return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def planned_memory(program: jax.stages.Compiled) -> int:
  """Bytes that a program needs on a device, by XLA's plan."""
  plan = program.memory_analysis()
  return (
    plan.argument_size_in_bytes
    + plan.output_size_in_bytes
    + plan.temp_size_in_bytes
    - plan.alias_size_in_bytes
  )


def matrix_product_rate(size: int, dtype: jnp.dtype, repeats: int) -> float:
  """FLOP/s of one device in a product of two square matrices."""
  matrix = jnp.ones((size, size), dtype)
  multiply = jax.jit(jnp.matmul)
  return 2 * size**3 / median_seconds(lambda: multiply(matrix, matrix), repeats)
