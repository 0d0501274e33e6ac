"""Kills a run again and again, and compares what it learns in the end.

  python scripts/kill_runs.py --times=20 --folder=runs/kills \\
    --config=configs/fomm.py:debug --config.data.source=synthetic \\
    --config.data.workers=1 --config.report.every=1

trains once undisturbed and once killed at random moments, by SIGKILL or
SIGTERM, to the process alone or with its data workers. After each the same
command starts again. In the end all networks and optimizers must be equal, bit
by bit, and so must all losses that were told. All but --times, --folder and
--seed goes to `dagan_jax.main`.

A quarter of the kills, by lot, falls before the first step of a start. The
others share what is left to learn, by what steps were seen to take, and are
drawn from the first loss on, however long that took. A run that has come to its
end is not killed again.
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
from typing import NamedTuple

import jax
import numpy as np

from dagan_jax.runs import checkpoints
from dagan_jax.runs.workdirs import checkpoint_folder, newest_first

_SPEED = ('steps_per_s', 'images_per_s', 'data_wait', 'eta_s')
_EARLY = 0.25  # of the kills come before the first step of a start
_LEFT = 60.0  # seconds in which the workers of a killed process must end


class Pace(NamedTuple):
  """What a run takes, in seconds: to its first loss, and for a step."""

  start: float
  step: float


def main(arguments: Sequence[str]) -> int:
  """Does all that; 0 where the two runs are equal."""
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument('--times', type=int, default=20, help='how many kills')
  parser.add_argument('--folder', type=pathlib.Path, required=True)
  parser.add_argument('--seed', type=int, default=0, help='of the moments')
  asked, flags = parser.parse_known_args(arguments)
  alone, killed = asked.folder / 'alone', asked.folder / 'killed'
  if alone.exists() or killed.exists():
    parser.error(f'{asked.folder} holds runs already; name another --folder')
  pace = _train_undisturbed(alone, flags)
  end = _saved_step(alone)
  print(f'undisturbed: {pace.start:.0f} s to the first loss, {end} steps')
  draw = random.Random(asked.seed)
  count = 0
  while count < asked.times and (saved := _saved_step(killed)) < end:
    number = draw.choice((signal.SIGKILL, signal.SIGTERM))
    group = draw.random() < 0.5
    if draw.random() < _EARLY:
      moment = draw.uniform(0, pace.start), 0.0
    else:
      part = pace.step * (end - saved) / (asked.times - count + 1)
      moment = math.inf, draw.uniform(0, 2 * part)
    process, pace = _watch(killed, flags, pace, *moment)
    if process.returncode is not None:
      print(f'it ended by itself with exit code {process.returncode}')
      break
    (os.killpg if group else os.kill)(process.pid, number)
    code = process.wait()
    count += 1
    left = _wait_for_workers(process.pid)
    print(
      f'{count}: {number.name} to {"all" if group else "the process"}: exit'
      f' code {code}, {_last_step(killed)} steps told, {_saved_step(killed)}'
      ' saved' + f', WORKERS LEFT OVER after {_LEFT:.0f} s' * left,
      flush=True,
    )
  code = _start(killed, flags).wait()
  print(f'the last start ended with exit code {code}')
  differing = _differences(alone, killed)
  print('\n'.join(differing) or f'equal, bit by bit, after {count} kills')
  return int(bool(differing))


def _start(workdir: pathlib.Path, flags: Sequence[str]) -> subprocess.Popen:
  workdir.mkdir(parents=True, exist_ok=True)
  with (workdir / 'log.txt').open('a') as log:
    return subprocess.Popen(
      [sys.executable, '-m', 'dagan_jax.main', f'--workdir={workdir}', *flags],
      stdout=log,
      stderr=log,
      start_new_session=True,
    )


def _train_undisturbed(workdir: pathlib.Path, flags: Sequence[str]) -> Pace:
  """Trains to the end; what the start and steps took."""
  process, pace = _watch(workdir, flags, Pace(0.0, 0.0))
  if process.returncode or not _saved_step(workdir):
    raise SystemExit(f'the run itself fails: see {workdir / "log.txt"}')
  return pace


def _watch(
  workdir: pathlib.Path,
  flags: Sequence[str],
  pace: Pace,
  since_start: float = math.inf,
  since_loss: float = math.inf,
) -> tuple[subprocess.Popen, Pace]:
  """Starts a run, which ends or is still there when the time is over.

  Args:
    workdir: of the run.
    flags: of its command.
    pace: as it was seen before.
    since_start: seconds that it gets in all.
    since_loss: seconds that it gets from the first loss on that it tells.

  Returns:
    The process and the pace as seen now, or as it was where nothing was seen.
  """
  # Losses of steps that were not saved are taken back before the first step.
  before = _last_step(workdir), _saved_step(workdir)
  began, first = time.monotonic(), math.inf
  process = _start(workdir, flags)
  while process.poll() is None:
    passed = time.monotonic() - began
    told = _last_step(workdir)
    if first == math.inf and told not in before:
      first, at = passed, told
    if passed > min(since_start, first + since_loss):
      break
    time.sleep(0.2)
  if first == math.inf:
    return process, pace
  steps = _last_step(workdir) - at
  taken = time.monotonic() - began - first
  return process, Pace(first, taken / steps if steps > 0 else pace.step)


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


def _saved_step(workdir: pathlib.Path) -> int:
  steps = newest_first(checkpoint_folder(workdir))
  return next((int(step.name) for step in steps), 0)


def _differences(alone: pathlib.Path, killed: pathlib.Path) -> list[str]:
  """Lines about what differs at the end."""
  steps = [_saved_step(run) for run in (alone, killed)]
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
