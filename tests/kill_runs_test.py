import pathlib

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).parent.parent


@pytest.mark.parametrize('first, part', [(90.0, 4.0), (3.0, 50.0), (0.0, 1.0)])
def test_on_the_average_a_start_is_killed_when_it_has_come_one_part_further(
  first, part, monkeypatch
):
  monkeypatch.syspath_prepend(str(ROOT / 'scripts'))
  import kill_runs

  moments = np.linspace(0, kill_runs._longest(first, part), 100_001)
  reached = np.maximum(0, moments - first).mean()
  assert reached == pytest.approx(part, rel=1e-3)
