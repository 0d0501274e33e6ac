import numpy as np
import pytest

from dagan_jax.metrics.lip_sync import SHIFT, sync_confidence, sync_distance

VOICE = np.random.default_rng(0).normal(size=(200, 8))


@pytest.mark.parametrize('late', [-SHIFT, -3, 0, 7, SHIFT])
def test_lips_that_belong_to_a_voice_are_found_though_they_are_late(late):
  lips = np.roll(VOICE, late, axis=0)
  # What was rolled in, at most a thirteenth of it, belongs to no place.
  assert sync_distance([lips], [VOICE]) < 0.4
  assert sync_confidence([lips], [VOICE]) > 3


def test_lips_of_another_voice_belong_to_no_shift():
  lips = np.random.default_rng(1).normal(size=VOICE.shape)
  assert sync_distance([lips], [VOICE]) > 3
  assert sync_confidence([lips], [VOICE]) < 0.3


def test_a_distance_is_that_of_points():
  still = np.zeros((100, 2))
  lips = still + np.array([3.0, 4.0])
  assert sync_distance([lips], [still]) == pytest.approx(5, abs=1e-5)
  assert sync_confidence([lips], [still]) == pytest.approx(0, abs=1e-9)
