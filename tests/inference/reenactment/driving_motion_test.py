import dataclasses
from fractions import Fraction

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.motion import Motion
from dagan_jax.inference.reenactment.driving_motion import load_motion
from tests.support.motions import draw_faces, make_motion

SQUARES = np.arange(5 * 12, dtype=np.uint8).reshape(5, 2, 2, 3)


def test_everybody_can_ask_for_length_rate_and_network():
  motion = make_motion(draw_faces(4))
  assert isinstance(motion, Motion)
  assert (motion.count, motion.rate) == (4, 25)


def test_chunks_hold_every_frame_and_the_last_is_filled_up():
  motion = make_motion(draw_faces(5))
  motion = dataclasses.replace(motion, frames=SQUARES)
  first, last = motion.chunks(3, with_frames=True)
  assert (first.count, last.count) == (3, 2)
  found = [*first.keypoints.value, *last.keypoints.value[:2]]
  np.testing.assert_array_equal(found, motion.keypoints.value)
  np.testing.assert_array_equal(first.squares, SQUARES[:3])
  np.testing.assert_array_equal(last.squares, SQUARES[[3, 4, 4]])
  assert next(motion.chunks(3, with_frames=False)).squares is None


def test_a_video_that_has_become_shorter_is_told():
  motion = make_motion(draw_faces(6))
  for count in (3, 5):
    shorter = dataclasses.replace(motion, frames=SQUARES[:count])
    with pytest.raises(UsageError, match='shorter'):
      list(shorter.chunks(3, with_frames=True))


def test_chosen_frames_keep_their_pictures():
  motion = dataclasses.replace(make_motion(draw_faces(5)), frames=SQUARES)
  few = motion.choose([0, 3])
  np.testing.assert_array_equal(few.frames, SQUARES[[0, 3]])
  np.testing.assert_array_equal(
    few.keypoints.value, motion.keypoints.value[[0, 3]]
  )


def test_a_saved_motion_comes_back(tmp_path):
  motion = make_motion(draw_faces(4))
  motion = dataclasses.replace(motion, rate=Fraction(30000, 1001))
  path = tmp_path / 'new' / 'motion.npz'
  motion.save(path)
  loaded = load_motion(path, 'some network')
  assert loaded.rate == motion.rate and not loaded.has_frames
  jax.tree.map(
    np.testing.assert_array_equal, loaded.keypoints, motion.keypoints
  )
  assert [*path.parent.iterdir()] == [path]
  with pytest.raises(UsageError, match='another network'):
    load_motion(path, 'some other')


def test_what_is_no_motion_is_refused(tmp_path):
  motion = make_motion(draw_faces(2))
  flat = motion.keypoints._replace(jacobian=motion.keypoints.jacobian[:, :3])
  dataclasses.replace(motion, keypoints=flat).save(tmp_path / 'torn.npz')
  np.savez(tmp_path / 'foreign.npz', value=np.zeros(3))
  np.savez(tmp_path / 'newer.npz', format=2)
  (tmp_path / 'text.npz').write_text('not a motion')
  for name, words in {
    'torn': 'no motion, but',
    'foreign': 'damaged',
    'newer': 'newer version',
    'text': 'damaged',
    'missing': 'no such',
  }.items():
    with pytest.raises(UsageError, match=words) as caught:
      load_motion(tmp_path / f'{name}.npz', 'some network')
    assert name in str(caught.value) and '\n' not in str(caught.value)
  (tmp_path / 'file').write_text('')
  with pytest.raises(UsageError, match='cannot be written'):
    motion.save(tmp_path / 'file' / 'm.npz')
