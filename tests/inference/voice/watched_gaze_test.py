import numpy as np
import pytest

from dagan_jax.inference.voice import watched_gaze
from dagan_jax.inference.voice.watched_gaze import (
  _average_eye,
  are_open,
  explain_irises,
  watch_eyes,
)
from data_pipelines.synthetic.head import eye_axes
from data_pipelines.synthetic.render import rotation

IN_HEAD = np.radians([[0, 0], [20, 0], [-15, 10], [5, -12], [-25, -3]])
POSES = [(0, 0, 0), (20, 0, 0), (-10, 12, 0), (15, -8, 20)]


def see_irises(right, down, pose):
  """Where eyes look before the camera, and where irises are seen to stand.

  From far away; the eyes are turned by radians in their head.
  """
  eye, turn = _average_eye(), rotation(*pose)
  ahead = -np.cross(*eye_axes(right, down))
  along = turn[:2, 0]
  offset = turn[:2] @ (eye.reach * ahead - eye.corners)
  across = np.array([-along[1], along[0]])
  place = [offset @ along, offset @ across] / (along @ along * eye.width)
  return np.arcsin((turn @ ahead)[:2]), place


@pytest.mark.parametrize('pose', POSES)
def test_where_eyes_look_is_found_however_the_head_is_turned(pose):
  true, places = zip(
    *(see_irises(*eyes, pose) for eyes in IN_HEAD), strict=True
  )
  poses = np.tile(np.float64(pose), (len(IN_HEAD), 1))
  found = explain_irises(np.stack(places), poses)
  np.testing.assert_allclose(found, true, atol=1e-5)


def test_eyes_that_look_into_the_camera_do_so_from_a_head_that_turns():
  turned = [np.radians([-yaw, 0]) for yaw in (-20, 0, 20)]
  poses = [(yaw, 0, 0) for yaw in (-20, 0, 20)]
  for eyes, pose in zip(turned, poses, strict=True):
    true, place = see_irises(*eyes, pose)
    np.testing.assert_allclose(true, 0, atol=1e-6)
    found = explain_irises(np.array([place]), np.array([pose], float))
    np.testing.assert_allclose(found, 0, atol=1e-5)


def watched(true, turns, *, level=(0.03, -0.05), seen=None):
  """The gaze of eyes whose irises seem to move less than they do."""
  _, places = zip(*map(_see, true, turns), strict=True)
  places = level + np.array(places) * watched_gaze._SEEN
  seen = np.ones(len(places), bool) if seen is None else seen
  return watch_eyes(places, np.asarray(turns, float), seen)


def _see(eyes, turn):
  return see_irises(*eyes, turn)


def test_eyes_that_seem_to_move_less_look_where_they_do():
  eyes = np.repeat(np.radians([[0, 0], [20, 0], [-15, 8], [0, 0]]), 9, axis=0)
  still = np.zeros((len(eyes), 3))
  true = [see_irises(*eye, (0, 0, 0))[0] for eye in eyes]
  for level in ((0.03, -0.05), (0, 0)):
    found = watched(eyes, still, level=level)
    np.testing.assert_allclose(found, true, atol=1e-5)


def test_eyes_that_stay_on_the_camera_do_so_while_the_head_turns():
  yaws = np.repeat([0.0, 20, 0, -20, 0], 7)
  turns = np.stack([yaws, 0 * yaws, 0 * yaws], axis=1)
  eyes = np.radians([[-yaw, 0] for yaw in yaws])
  np.testing.assert_allclose(watched(eyes, turns), 0, atol=0.01)


def test_a_blink_and_a_wrong_frame_do_not_move_the_gaze():
  eyes = np.repeat(np.radians([[0, 0], [10, 5]]), [24, 9], axis=0)
  still = np.zeros((len(eyes), 3))
  expected = watched(eyes, still)
  wild = eyes.copy()
  wild[[5, 28]] = np.radians([30, -20])
  np.testing.assert_allclose(watched(wild, still), expected, atol=1e-6)
  wild[3:9] = np.radians([-20, 20])
  seen = np.ones(len(eyes), bool)
  seen[3:9] = False
  found = watched(wild, still, seen=seen)
  np.testing.assert_allclose(found, expected, atol=1e-6)
  assert not watched(wild, still, seen=np.zeros_like(seen)).any()


def test_eyes_that_are_shut_are_told_from_open_ones():
  landmarks = np.zeros((2, 68, 2))
  for start in (36, 42):
    landmarks[:, start : start + 6, 0] = [0, 10, 20, 30, 20, 10]
  landmarks[0, [37, 38, 43, 44], 1] = -8.0
  landmarks[1, [37, 38, 43, 44], 1] = -1.0
  np.testing.assert_array_equal(are_open(landmarks), [True, False])
