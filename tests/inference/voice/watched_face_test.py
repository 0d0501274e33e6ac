"""What landmarks tell of a face: of rendered people it is known."""

import jax.numpy as jnp
import numpy as np
import pytest

from dagan_jax.geometry.morphable_face import find_landmarks
from dagan_jax.inference.face_models import rendered_face
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice import watched_face
from dagan_jax.inference.voice.watched_face import (
  SIZE,
  explain_landmarks,
  watch_face,
)
from data_pipelines.errors.mendable import DataError
from data_pipelines.synthetic import rendered_faces
from data_pipelines.synthetic.motion import motion
from data_pipelines.synthetic.speech import NUMBERS

pytest.importorskip('cv2')
PERSON, TIMES = 21, np.arange(0, 12, 0.12)
LANDMARKS = np.stack([rendered_faces.landmarks(PERSON, t, 256) for t in TIMES])
TRUE = [motion(PERSON, t) for t in TIMES]
FOUND = explain_landmarks(LANDMARKS, 256)


def part_lips(expression) -> np.ndarray:
  """How far (n,) lips of the shared head are apart, decimetres."""
  marks = find_landmarks(rendered_face(), jnp.asarray(np.float32(expression)))
  return np.linalg.norm(np.asarray(marks[:, 62] - marks[:, 66]), axis=-1)


def test_turns_are_those_of_the_head_but_for_its_rest():
  true = np.array([(m.yaw, m.pitch, m.roll) for m in TRUE])
  true -= np.median(true, 0)
  assert np.abs(true).mean() > 5
  assert np.abs(FOUND.turns - true).mean() < 3


def test_lips_part_as_they_do():
  true = part_lips([m.expression for m in TRUE])
  found = part_lips(FOUND.expression)
  assert np.corrcoef(true, found)[0, 1] > 0.95
  slope = np.polyfit(true, found, 1)[0]
  assert 0.7 < slope < 1.2


@pytest.mark.parametrize(
  'name', ['eyeBlinkLeft', 'eyeBlinkRight', 'browInnerUp']
)
def test_lids_and_brows_move_as_they_do(name):
  true = [m.expression[NUMBERS[name]] for m in TRUE]
  found = FOUND.expression[:, NUMBERS[name]]
  assert np.corrcoef(true, found)[0, 1] > 0.65


def test_who_never_shuts_the_mouth_is_seen_to_hold_it_open():
  parted = part_lips([m.expression for m in TRUE]) > 0.1
  assert parted.sum() > 5
  found = explain_landmarks(LANDMARKS[parted], 256)
  assert part_lips(found.expression).min() > 0.04


class Detector:
  """Finds the next of known landmarks, or nobody."""

  def __init__(self):
    self._waiting = iter(self.known)

  def find(self, picture):
    return next(self._waiting)


def watch(monkeypatch, known):
  monkeypatch.setattr(Detector, 'known', known, raising=False)
  monkeypatch.setattr(watched_face, 'LandmarkDetector', Detector)
  frames = np.zeros((len(known), 8, 8, 3), np.uint8)
  return watch_face(frames, Settings(crop_driving='none'), 'some video')


def test_where_nobody_is_seen_the_face_moves_on_to_what_it_does_next(
  monkeypatch,
):
  known = list(LANDMARKS[:12] * (SIZE / 256))
  hidden = [*known[:4], None, None, *known[6:]]
  whole, bridged = (watch(monkeypatch, some) for some in (known, hidden))
  assert bridged.turns.shape == (12, 3)
  assert np.isfinite(bridged.expression).all()
  np.testing.assert_allclose(bridged.turns, whole.turns, atol=4)


def test_a_video_without_a_face_is_told(monkeypatch):
  with pytest.raises(DataError, match='some video: no landmarks'):
    watch(monkeypatch, [None, None])
