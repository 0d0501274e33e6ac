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
end is not killed again. Steps of a first stage count as well, and what it
learnt is compared. Whoever ends this script, but by SIGKILL, ends the run.
"""

import argparse
import atexit
import json
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
  """Starts a run that does not outlive this process."""
  workdir.mkdir(parents=True, exist_ok=True)
  with (workdir / 'log.txt').open('a') as log:
    process = subprocess.Popen(
      _command(workdir, flags), stdout=log, stderr=log, start_new_session=True
    )
  atexit.register(_end, process)
  return process


def _command(workdir: pathlib.Path, flags: Sequence[str]) -> list[str]:
  main = sys.executable, '-m', 'dagan_jax.main'
  return [*main, f'--workdir={workdir}', *flags]


def _end(process: subprocess.Popen) -> None:
  if process.poll() is None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _exit_when_told() -> None:
  """Makes signals an exit of this process, before which its run is ended."""
  for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: sys.exit(128 + number))


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


def _stages(workdir: pathlib.Path) -> list[pathlib.Path]:
  """The workdirs of a run, that of its first stage, if there is one, first."""
  first = workdir / 'stage_1'
  return [first, workdir] if first.exists() else [workdir]


def _rows(workdir: pathlib.Path) -> list[dict[str, float]]:
  path = workdir / 'metrics.jsonl'
  if not path.exists():
    return []
  told = [json.loads(line) for line in path.read_text().splitlines()]
  return [
    {name: value for name, value in row.items() if name not in _SPEED}
    for row in told
  ]


def _last_step(run: pathlib.Path) -> int:
  """How many steps a run tells, in all its stages."""
  return sum(rows[-1]['step'] for x in _stages(run) if (rows := _rows(x)))


def _saved_step(run: pathlib.Path) -> int:
  """How many steps are saved, in all stages."""
  return sum(map(_newest, _stages(run)))


def _newest(workdir: pathlib.Path) -> int:
  steps = newest_first(checkpoint_folder(workdir))
  return next((int(step.name) for step in steps), 0)


def _differences(alone: pathlib.Path, killed: pathlib.Path) -> list[str]:
  """Lines about what differs at the end."""
  stages = [_stages(run) for run in (alone, killed)]
  if len(stages[0]) != len(stages[1]):
    return ['one has a first stage, and the other none']
  return [
    f'{pair[0].name}: {line}'
    for pair in zip(*stages, strict=True)
    for line in _differences_of_stage(*pair)
  ]


def _differences_of_stage(
  alone: pathlib.Path, killed: pathlib.Path
) -> Iterator[str]:
  steps = [_newest(run) for run in (alone, killed)]
  if steps[0] != steps[1]:
    yield f'one ended at step {steps[0]}, the other at {steps[1]}'
    return
  if _rows(alone) != _rows(killed):
    yield 'the losses differ'
  for name in sorted(checkpoints.network_names(alone)):
    if name == checkpoints.POSITION:
      continue
    trees = [checkpoints.read_network(run, name) for run in (alone, killed)]
    leaves = zip(*map(jax.tree.leaves, trees), strict=True)
    unequal = sum(
      np.asarray(a).tobytes() != np.asarray(b).tobytes() for a, b in leaves
    )
    if unequal:
      yield f'{name}: {unequal} arrays differ'


if __name__ == '__main__':
  _exit_when_told()
  sys.exit(main(sys.argv[1:]))
