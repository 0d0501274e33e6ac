import numpy as np
import pytest

from dagan_jax.evaluation.temporal_change import temporal_changes

pytest.importorskip('cv2')
Y, X = np.mgrid[:64, :64]
WAVES = np.sin(X / 5) + np.cos(Y / 7) + np.sin((X + Y) / 9)
STILL = np.uint8(128 + 40 * WAVES)[..., None].repeat(3, axis=2)
MOVED = np.roll(STILL, 2, axis=1)


def test_what_only_moves_does_not_change():
  truth, answer = temporal_changes((STILL, STILL), (MOVED, MOVED))
  assert truth == answer
  assert truth < 0.3 * np.abs(MOVED / 255 - STILL / 255).mean()


def test_flicker_changes_more_and_a_frozen_answer_otherwise():
  brighter = MOVED + np.uint8(5)
  truth, answer = temporal_changes((STILL, STILL), (MOVED, brighter))
  assert answer > truth
  assert answer == pytest.approx(5 / 255, rel=0.5)
  still, frozen = temporal_changes((STILL, STILL), (STILL, STILL))
  assert still == frozen == 0
