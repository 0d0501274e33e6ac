import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).parent.parent

# Tells and saves three steps. Once they are saved it lingers, unless nobody is
# to disturb it or it was started again.
_RUN = """
import json, pathlib, sys, time
workdir = pathlib.Path(sys.argv[1])
told = workdir / 'metrics.jsonl'
if not told.exists():
  for step in (1, 2, 3):
    with told.open('a') as file:
      print(json.dumps({'step': step, 'loss': 1 / step}), file=file)
    time.sleep(0.3)
  (workdir / 'checkpoints' / '3').mkdir(parents=True)
  if workdir.name == 'killed':
    time.sleep(60)
"""

# Starts a run that lasts, tells its number and watches it.
_WATCHES = """
import pathlib, sys
import kill_runs
lasts = 'import time; time.sleep(60)'
kill_runs._command = lambda *_: [sys.executable, '-c', lasts]
kill_runs._exit_when_told()
run = kill_runs._start(pathlib.Path(sys.argv[1]), [])
print(run.pid, flush=True)
run.wait()
"""


@pytest.fixture
def kill_runs(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / 'scripts'))
  import kill_runs

  return kill_runs


@pytest.fixture
def small_runs(kill_runs, monkeypatch):
  monkeypatch.setattr(
    kill_runs,
    '_command',
    lambda workdir, flags: [sys.executable, '-c', _RUN, str(workdir)],
  )
  return kill_runs


def test_a_run_that_has_come_to_its_end_is_not_killed_again(
  small_runs, tmp_path, monkeypatch, capsys
):
  monkeypatch.setattr(small_runs, '_differences', lambda *runs: [])
  monkeypatch.setattr(small_runs, '_EARLY', 0.0)
  monkeypatch.setattr(small_runs.random.Random, 'uniform', lambda *_: 3.0)
  assert small_runs.main([f'--folder={tmp_path}', '--times=9']) == 0
  assert 'equal, bit by bit, after 1 kills' in capsys.readouterr().out


def test_pace_is_what_the_start_and_the_steps_took(small_runs, tmp_path):
  process, pace = small_runs._watch(
    tmp_path / 'alone', [], small_runs.Pace(0.0, 0.0)
  )
  assert process.returncode == 0
  assert pace.start > 0
  assert 0.1 < pace.step < 3


def test_a_folder_with_runs_is_not_written_over(small_runs, tmp_path):
  told = tmp_path / 'killed' / 'metrics.jsonl'
  told.parent.mkdir()
  told.write_text(json.dumps({'step': 1}))
  with pytest.raises(SystemExit):
    small_runs.main([f'--folder={tmp_path}'])
  assert json.loads(told.read_text()) == {'step': 1}


@pytest.mark.parametrize(
  'since_start, since_loss, told', [(0.0, 9.0, (0,)), (9.0, 0.0, (1, 2))]
)
def test_time_counts_from_the_start_or_from_the_first_loss(
  since_start, since_loss, told, small_runs, tmp_path
):
  pace = small_runs.Pace(1.0, 2.0)
  workdir = tmp_path / 'killed'
  process, _ = small_runs._watch(workdir, [], pace, since_start, since_loss)
  try:
    assert process.poll() is None
    assert small_runs._last_step(workdir) in told
  finally:
    process.kill()
    process.wait()


def test_who_is_ended_while_it_watches_a_run_ends_the_run(tmp_path):
  killer = subprocess.Popen(
    [sys.executable, '-c', _WATCHES, str(tmp_path)],
    cwd=ROOT / 'scripts',
    env=os.environ | {'PYTHONPATH': str(ROOT)},
    stdout=subprocess.PIPE,
    text=True,
  )
  run = int(killer.stdout.readline())
  killer.terminate()
  assert killer.wait() == 128 + signal.SIGTERM
  with pytest.raises(ProcessLookupError):
    os.killpg(run, 0)


def test_a_first_stage_is_counted_and_compared(
  kill_runs, tmp_path, monkeypatch
):
  runs = [tmp_path / name for name in ('alone', 'killed')]
  for run in runs:
    for workdir, step in ((run / 'stage_1', 2), (run, 3)):
      (workdir / 'checkpoints' / str(step)).mkdir(parents=True)
      row = {'step': step, 'loss': 0.5}
      (workdir / 'metrics.jsonl').write_text(json.dumps(row))
  assert kill_runs._saved_step(runs[0]) == kill_runs._last_step(runs[0]) == 5
  monkeypatch.setattr(kill_runs.checkpoints, 'network_names', lambda _: ['x'])
  learnt = {str(tmp_path / 'killed' / 'stage_1'): 1.0}
  monkeypatch.setattr(
    kill_runs.checkpoints,
    'read_network',
    lambda run, _: {'weight': np.float32(learnt.get(str(run), 0.0))},
  )
  assert kill_runs._differences(*runs) == ['stage_1: x: 1 arrays differ']
