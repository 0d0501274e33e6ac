import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment.start_frame import (
  begin_from,
  find_nearest,
  find_start,
)
from tests.support.motions import draw_faces, make_motion, take_frame


def test_the_nearest_frame_is_found_wherever_and_however_large_it_is():
  motion = make_motion(draw_faces(20))
  for index in (0, 7, 19):
    own = take_frame(motion, index)
    best, distance = find_nearest(own, motion.keypoints)
    assert best == index and distance < 1e-6
    moved = own._replace(value=own.value * 0.3 + 0.4)
    assert find_nearest(moved, motion.keypoints)[0] == index
  nose = 0.05 * (np.arange(10) == 3)[:, None]
  own = take_frame(motion, 5)
  turned = own._replace(value=own.value + nose)
  best, distance = find_nearest(turned, motion.keypoints)
  assert best == 5 and 0 < distance < 0.1


def test_points_on_one_line_are_far_from_every_face():
  line = np.stack([np.linspace(0, 1, 10)] * 2, axis=-1)
  own = take_frame(make_motion(line[None]), 0)
  best, distance = find_nearest(own, make_motion(draw_faces(3)).keypoints)
  assert best in range(3) and np.isfinite(distance) and distance > 1


def test_a_frame_is_named_or_looked_for():
  motion = make_motion(draw_faces(6))
  for start, number in (('first', 0), (4, 4), ('best', 2)):
    found = find_start(motion.keypoints, start, take_frame(motion, 2))
    assert found.number == number
    assert (found.distance is not None) == (start == 'best')
    jax.tree.map(
      np.testing.assert_array_equal, found.keypoints, take_frame(motion, number)
    )
  with pytest.raises(UsageError, match='start=6: the video has 6 frames'):
    find_start(motion.keypoints, 6, take_frame(motion, 0))


def test_a_frame_posed_otherwise_is_warned_of_and_a_named_one_is_not(caplog):
  motion = make_motion(draw_faces(3))
  caplog.set_level('INFO')
  for start in ('first', 1):
    find_start(motion.keypoints, start, take_frame(motion, 2)).log(3)
  assert not caplog.messages
  find_start(motion.keypoints, 'best', take_frame(motion, 2)).log(3)
  (told,) = caplog.messages
  assert 'frame 2 of 3' in told
  stranger = take_frame(make_motion(draw_faces(9)), 8)
  find_start(motion.keypoints, 'best', stranger).log(3)
  assert 'twisted' in caplog.messages[-1]


def test_movements_are_scaled_to_the_portraits_face():
  face = take_frame(make_motion(draw_faces(1)), 0)
  double = face._replace(value=2 * face.value)
  initial, scale = begin_from(double, face)
  assert scale == pytest.approx(2)
  np.testing.assert_array_equal(initial.value, face.value[None])
  point = Keypoints(np.zeros_like(face.value), face.jacobian)
  assert begin_from(face, point)[1] == 1
