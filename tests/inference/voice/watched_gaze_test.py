import numpy as np
import pytest

from dagan_jax.inference.voice.watched_gaze import (
  _average_eye,
  are_open,
  explain_irises,
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


def test_eyes_that_are_shut_are_told_from_open_ones():
  landmarks = np.zeros((2, 68, 2))
  for start in (36, 42):
    landmarks[:, start : start + 6, 0] = [0, 10, 20, 30, 20, 10]
  landmarks[0, [37, 38, 43, 44], 1] = -8.0
  landmarks[1, [37, 38, 43, 44], 1] = -1.0
  np.testing.assert_array_equal(are_open(landmarks), [True, False])
