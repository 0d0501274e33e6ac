import numpy as np
import pytest

from scripts import measure_heads


def turning(degrees: np.ndarray) -> np.ndarray:
  return np.radians(np.pad(degrees, ((0, 0), (0, 3)))).astype(np.float32)


def test_variances_and_speeds_are_those_of_the_turns():
  times = np.arange(250) / 25
  swing = 3 * np.sin(2 * np.pi * 0.4 * times)
  poses = turning(np.stack([0 * swing, swing, 0 * swing], axis=1))
  speaking = times < 5
  found = measure_heads.score(poses, speaking)
  assert found['yaw'] == pytest.approx(4.5, rel=0.01)
  assert found['pitch'] == found['roll'] == 0
  assert found['fast'] < 0.01
  # A swing goes four times as far as it reaches, 0.4 times a second.
  assert found['speaking'] == pytest.approx(4.8, rel=0.02)
  assert found['silent'] == pytest.approx(4.8, rel=0.02)


def test_who_never_rests_says_nothing_of_silence():
  poses = turning(np.random.default_rng(0).normal(size=(50, 3)))
  found = measure_heads.score(poses, np.ones(50, bool))
  assert np.isnan(found['silent']) and found['speaking'] > 0
