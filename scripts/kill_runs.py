"""Kills a run again and again, and compares what it learns in the end.

  python scripts/kill_runs.py --times=20 --folder=runs/kills \\
    --config=configs/fomm.py:debug --config.data.source=synthetic \\
    --config.data.workers=1 --config.report.every=1

trains once undisturbed and once killed at random moments, by SIGKILL or
SIGTERM, to the process alone or with its data workers. After each the same
command starts again. In the end all networks and optimizers must be equal, bit
by bit, and so must all losses that were told. All but --times, --folder and
--seed goes to `dagan_jax.main`. Where JAX_COMPILATION_CACHE_DIR is set, start
it a second time in another folder: the first one's moments leave time to
compile, which later starts do not need, and so come to the end too soon.
"""

import argparse
import json
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import jax
import numpy as np

from dagan_jax.runs import checkpoints

_SPEED = ('steps_per_s', 'images_per_s', 'data_wait', 'eta_s')
_LEFT = 60.0  # seconds in which the workers of a killed process must end


def main(arguments: Sequence[str]) -> int:
  """Does all that; 0 where the two runs are equal."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument('--times', type=int, default=20, help='how many kills')
  parser.add_argument('--folder', type=pathlib.Path, required=True)
  parser.add_argument('--seed', type=int, default=0, help='of the moments')
  asked, flags = parser.parse_known_args(arguments)
  alone, killed = asked.folder / 'alone', asked.folder / 'killed'
  first, whole = _time_undisturbed(alone, flags)
  print(f'undisturbed: {whole:.0f} s, {first:.0f} s to the first loss')
  draw = random.Random(asked.seed)
  longest = _longest(first, (whole - first) / (asked.times + 1))
  count = 0
  while count < asked.times:
    number = draw.choice((signal.SIGKILL, signal.SIGTERM))
    group = draw.random() < 0.5
    process = _start(killed, flags)
    try:
      code = process.wait(draw.uniform(0, longest))
    except subprocess.TimeoutExpired:
      (os.killpg if group else os.kill)(process.pid, number)
      code = process.wait()
    else:
      print(f'it ended by itself with exit code {code}')
      break
    count += 1
    left = _wait_for_workers(process.pid)
    print(
      f'{count}: {number.name} to {"all" if group else "the process"}: exit'
      f' code {code}, {_last_step(killed)} steps told'
      + f', WORKERS LEFT OVER after {_LEFT:.0f} s'
      * left,
      flush=True,
    )
  code = _start(killed, flags).wait()
  print(f'the last start ended with exit code {code}')
  differing = _differences(alone, killed)
  print('\n'.join(differing) or f'equal, bit by bit, after {count} kills')
  return int(bool(differing))


def _longest(first: float, part: float) -> float:
  """The last moment of a kill, so that starts come so far on the average.

  Args:
    first: seconds to the first loss.
    part: seconds after it, of the whole training, that a start is to reach.
  """
  # The mean of max(0, moment - first), for moments drawn evenly up to it.
  return first + part + math.sqrt(part**2 + 2 * part * first)


def _start(workdir: pathlib.Path, flags: Sequence[str]) -> subprocess.Popen:
  workdir.mkdir(parents=True, exist_ok=True)
  with (workdir / 'log.txt').open('a') as log:
    return subprocess.Popen(
      [sys.executable, '-m', 'dagan_jax.main', f'--workdir={workdir}', *flags],
      stdout=log,
      stderr=log,
      start_new_session=True,
    )


def _time_undisturbed(
  workdir: pathlib.Path, flags: Sequence[str]
) -> tuple[float, float]:
  """Seconds to the first loss, and to the end."""
  began, first = time.monotonic(), None
  process = _start(workdir, flags)
  while process.poll() is None:
    if first is None and _last_step(workdir):
      first = time.monotonic() - began
    time.sleep(0.2)
  if process.returncode or first is None:
    raise SystemExit(f'the run itself fails: see {workdir / "log.txt"}')
  return first, time.monotonic() - began


def _wait_for_workers(group: int) -> bool:
  """Waits for the end of all that a process left; whether some do not end."""
  last_moment = time.monotonic() + _LEFT
  while time.monotonic() < last_moment:
    try:
      os.killpg(group, 0)
    except ProcessLookupError:
      return False
    time.sleep(0.2)
  os.killpg(group, signal.SIGKILL)
  return True


def _rows(workdir: pathlib.Path) -> list[dict[str, float]]:
  path = workdir / 'metrics.jsonl'
  if not path.exists():
    return []
  told = [json.loads(line) for line in path.read_text().splitlines()]
  return [
    {name: value for name, value in row.items() if name not in _SPEED}
    for row in told
  ]


def _last_step(workdir: pathlib.Path) -> int:
  rows = _rows(workdir)
  return rows[-1]['step'] if rows else 0


def _differences(alone: pathlib.Path, killed: pathlib.Path) -> list[str]:
  """Lines about what differs at the end."""
  steps = [checkpoints.latest_step(run) for run in (alone, killed)]
  if steps[0] != steps[1]:
    return [f'one ended at step {steps[0]}, the other at {steps[1]}']
  found = [] if _rows(alone) == _rows(killed) else ['the losses differ']
  for name in sorted(checkpoints.network_names(alone)):
    if name == checkpoints.POSITION:
      continue
    trees = [checkpoints.read_network(run, name) for run in (alone, killed)]
    leaves = zip(*map(jax.tree.leaves, trees), strict=True)
    unequal = sum(
      np.asarray(a).tobytes() != np.asarray(b).tobytes() for a, b in leaves
    )
    if unequal:
      found.append(f'{name}: {unequal} arrays differ')
  return found


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
