import time

from dagan_jax.runs import checkpoints
from dagan_jax.training import loop, save_timer
from dagan_jax.training.save_timer import SaveTimer
from tests.training.loop_test import add_toy, toy_config


def test_it_is_time_after_so_many_minutes_without_a_save(monkeypatch):
  now = [100.0]
  monkeypatch.setattr(time, 'monotonic', lambda: now[0])
  timer, never = SaveTimer(2.0), SaveTimer(0.0)
  for now[0], up in ((100.0, False), (219.0, False), (220.0, True)):
    assert timer.is_up() == up
  timer.restart()
  assert not timer.is_up()
  now[0] = 1e9
  assert not never.is_up()


def test_the_first_hosts_clock_counts_for_all(monkeypatch):
  monkeypatch.setattr(save_timer.hosts, 'from_first', lambda _: True)
  assert SaveTimer(1000.0).is_up()


def test_a_run_saves_when_it_is_time_at_a_line_of_losses(tmp_path, monkeypatch):
  add_toy(monkeypatch)
  monkeypatch.setattr(save_timer.SaveTimer, 'is_up', lambda _: True)
  config = toy_config(steps=5)
  config.report.every, config.checkpoint.every = 2, 100
  config.checkpoint.keep = 9
  loop.train_and_evaluate(config, tmp_path)
  folders = checkpoints.newest_first(checkpoints.checkpoint_folder(tmp_path))
  assert [folder.name for folder in folders] == ['5', '4', '2']
