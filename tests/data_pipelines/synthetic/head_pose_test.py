import numpy as np
import pytest

from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.head_pose import head_poses

pytest.importorskip('cv2')
SIZE = 128


def landmarks(yaw, pitch, roll):
  """Those of the average head, turned about its own axes in this order."""
  a, b, c = np.radians([yaw, pitch, roll])
  # y points down and z ahead; positive yaw looks to the image's right.
  about_y = [[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]]
  about_x = [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
  about_z = [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
  shape = anatomy()
  head = shape.base[shape.landmarks]
  turn = np.array(about_y) @ about_x @ about_z
  points = (head - head.mean(axis=0)) @ turn.T + [5, -8, 600]
  return (2 * SIZE * points[:, :2] / points[:, 2:] + SIZE / 2).astype(
    np.float32
  )


@pytest.mark.parametrize(
  'pose',
  [(0, 0, 0), (25, 0, 0), (-40, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 30)],
)
def test_a_turned_head_has_the_pose_that_it_was_turned_to(pose):
  found = head_poses(landmarks(*pose)[None], SIZE)
  np.testing.assert_allclose(found[0], pose, atol=0.2)


def test_landmarks_in_one_place_have_no_pose():
  assert np.isnan(head_poses(np.ones((1, 68, 2), np.float32), SIZE)).all()


def test_a_lost_face_has_no_pose_and_pictures_may_have_any_size():
  points = np.stack([landmarks(10, 5, 0), np.full((68, 2), np.nan)])
  found = head_poses(points.astype(np.float32), SIZE)
  larger = head_poses(np.float32(2 * points), 2 * SIZE)
  assert np.isnan(found[1]).all()
  np.testing.assert_allclose(larger[0], found[0], atol=0.1)
