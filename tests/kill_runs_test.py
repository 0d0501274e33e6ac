import json
import pathlib
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


@pytest.fixture
def kill_runs(monkeypatch):
  monkeypatch.syspath_prepend(str(ROOT / 'scripts'))
  import kill_runs

  return kill_runs


@pytest.mark.parametrize('first, part', [(90.0, 4.0), (3.0, 50.0), (0.0, 1.0)])
def test_on_the_average_a_start_is_killed_when_it_has_come_one_part_further(
  first, part, kill_runs
):
  moments = np.linspace(0, kill_runs._longest(first, part), 100_001)
  reached = np.maximum(0, moments - first).mean()
  assert reached == pytest.approx(part, rel=1e-3)


@pytest.fixture
def small_runs(kill_runs, monkeypatch):
  def start(workdir, flags):
    workdir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, '-c', _RUN, str(workdir)]
    return subprocess.Popen(command, start_new_session=True)

  monkeypatch.setattr(kill_runs, '_start', start)
  return kill_runs


def test_a_run_that_has_come_to_its_end_is_not_killed_again(
  small_runs, tmp_path, monkeypatch, capsys
):
  monkeypatch.setattr(small_runs, '_differences', lambda *runs: [])
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
