import json
import pathlib
import subprocess
import sys

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
