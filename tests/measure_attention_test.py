import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from scripts.measure_attention import _weigh, find_shares
from tests.support import tiny


def test_attention_that_is_even_gives_everything_its_area():
  mask = np.zeros((32, 32), np.float32)
  mask[:, :8] = 1
  for side in (16, 32):
    person, ring = _weigh(np.full((side, side), 0.3), mask)
    assert person == pytest.approx(0.25)
    assert ring == pytest.approx(1 - (1 - 2 / 16) ** 2)
  there = np.zeros((16, 16))
  there[4, 2] = 5
  assert _weigh(there, mask) == (1, 0)


def test_shares_of_each_level_are_found_beside_those_of_the_area(tmp_path):
  run = tiny.workdir(tmp_path / 'run', tiny.config_with_depth())
  area, *levels = find_shares(run, 2).items()
  assert area[0] == 'area' and 0.2 < area[1]['person'] < 0.9
  assert levels
  for _, shares in levels:
    assert 0 < shares['person'] < 1 and 0 < shares['ring'] < 1


def test_a_network_without_attention_is_told_in_one_line(tmp_path):
  config = tiny.config()
  config.model.generator.fusion = 'none'
  with pytest.raises(UsageError, match='has no attention'):
    find_shares(tiny.workdir(tmp_path / 'run', config), 1)
