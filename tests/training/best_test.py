import json

import numpy as np
from etils import epath

from dagan_jax.runs import checkpoints
from dagan_jax.training.best import Best
from tests.support import tiny


def network(level):
  return {'painter': {'params': {'kernel': np.full(3, level, np.float32)}}}


def kept(folder):
  said = json.loads((folder / 'best' / 'score.json').read_text())
  painter = checkpoints.read_network(folder / 'best', 'painter')
  return (
    checkpoints.latest_step(folder / 'best'),
    said['step'],
    said['value'],
    painter['params']['kernel'][0],
  )


def test_a_run_that_went_back_keeps_what_is_better_at_an_earlier_step(tmp_path):
  config = tiny.config()
  config.report.best = 'l1'
  Best(epath.Path(tmp_path), config).keep(9, {'l1': 0.5}, network(9))
  again = Best(epath.Path(tmp_path), config)
  again.keep(5, {'l1': 0.6}, network(5))
  assert kept(tmp_path) == (9, 9, 0.5, 9)
  again.keep(7, {'l1': 0.4}, network(7))
  assert kept(tmp_path) == (7, 7, 0.4, 7)


def test_every_metric_that_is_better_high_or_low_can_choose(tmp_path):
  config = tiny.config()
  for metric, worse in (('abs_rel', 0.3), ('delta1', 0.1), ('ssim', 0.1)):
    folder = tmp_path / metric
    config.report.best = metric
    best = Best(epath.Path(folder), config)
    best.keep(1, {metric: 0.2, 'l1': 1.0}, network(1))
    best.keep(2, {metric: worse, 'l1': 0.0}, network(2))
    assert kept(folder)[0] == 1
