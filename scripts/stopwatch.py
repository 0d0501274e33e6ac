"""Measures seconds and memory for the benchmarks."""

import resource
import statistics
import time
from collections.abc import Callable

import jax


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
