"""Two real processes train together, as on two hosts of a cluster."""

import pytest

from dagan_jax.runs import checkpoints
from dagan_jax.training import loop
from tests.support.processes import run_together
from tests.training.loop_test import ToyTask, draw_toy, losses, toy_config

TRAIN = """
import os, sys, time
import jax
from dagan_jax import tasks
from dagan_jax.runs import devices, failures
from dagan_jax.training import loop
from data_pipelines.errors.mendable import DataError
from tests.training.loop_test import ToyTask, toy_config, draw_toy

workdir, killed, unread = sys.argv[1], *map(int, sys.argv[2:])
if killed:
  failures.SILENCE = 5.0
put, taken = devices.put, []

def put_or_die(*batch):
  taken.append(1)
  if len(taken) == unread and jax.process_index() == jax.process_count() - 1:
    raise DataError('clip 7 cannot be read')
  if len(taken) == killed and jax.process_index() == 1:
    while not os.path.isdir(os.path.join(workdir, 'checkpoints', '3')):
      time.sleep(0.05)  # it is written in the background, by both
    os.kill(os.getpid(), 9)
  return put(*batch)

devices.put = put_or_die
tasks.TASKS['toy'], loop.DRAWINGS['toy'] = ToyTask, draw_toy
loop.train_and_evaluate(toy_config(), workdir)
"""


def test_two_processes_learn_what_one_does_and_go_on_after_one_is_killed(
  tmp_path, monkeypatch
):
  monkeypatch.setitem(loop.tasks.TASKS, 'toy', ToyTask)
  monkeypatch.setitem(loop.DRAWINGS, 'toy', draw_toy)
  alone, together = tmp_path / 'alone', tmp_path / 'together'
  loop.train_and_evaluate(toy_config(), alone)
  first, second = run_together(TRAIN, 2, str(together), '5', '0')
  assert second.code == -9, second.told
  assert first.code == 1, first.told
  assert checkpoints.latest_step(together) == 3
  for ended in run_together(TRAIN, 2, str(together), '0', '0'):
    assert ended.code == 0, ended.told
  assert [row[0] for row in losses(together)] == [1, 2, 3, 4, 5, 6]
  for ours, theirs in zip(losses(together), losses(alone), strict=True):
    assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.slow
def test_four_processes_end_with_the_line_of_the_one_that_cannot_read_a_clip(
  tmp_path, monkeypatch
):
  monkeypatch.setitem(loop.tasks.TASKS, 'toy', ToyTask)
  monkeypatch.setitem(loop.DRAWINGS, 'toy', draw_toy)
  alone, together = tmp_path / 'alone', tmp_path / 'together'
  loop.train_and_evaluate(toy_config(), alone)
  for number, ended in enumerate(
    run_together(TRAIN, 4, str(together), '0', '5')
  ):
    assert ended.code == 2, ended.told
    assert ended.told.endswith('clip 7 cannot be read\n'), ended.told
    assert ('error: process 3 on ' in ended.told) == (number < 3)
  for ended in run_together(TRAIN, 4, str(together), '0', '0'):
    assert ended.code == 0, ended.told
  for ours, theirs in zip(losses(together), losses(alone), strict=True):
    assert ours == pytest.approx(theirs, rel=1e-5)
