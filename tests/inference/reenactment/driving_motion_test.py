import dataclasses
import zipfile
from fractions import Fraction

import jax
import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import hull_area
from dagan_jax.inference.motion import Motion
from dagan_jax.inference.reenactment import start_frame
from dagan_jax.inference.reenactment.driving_motion import load_motion
from tests.support.motions import draw_faces, make_motion, take_frame

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


def save_changed(path, **fields):
  """Saves a motion of two frames, some of its fields changed."""
  make_motion(draw_faces(2)).save(path)
  with np.load(path) as file:
    np.savez(path, **{**file, **fields})


GOOD = make_motion(draw_faces(2)).keypoints


@pytest.mark.parametrize(
  'fields',
  [
    {'value': np.full_like(GOOD.value, np.nan)},
    {'jacobian': np.full_like(GOOD.jacobian, np.inf)},
    {'value': np.full(GOOD.value.shape, 1e300)},  # too large for float32
    {'value': np.full(GOOD.value.shape, 'text')},
    {'value': GOOD.value.astype(object)},
    {'value': GOOD.value.astype(int)},
    {'value': GOOD.value + 1j},
    {'rate': [0, 1]},
    {'rate': [-25, 1]},
    {'rate': [25, -1]},
    {'rate': [25, 0]},
    {'rate': [2**40, 1]},
    {'rate': [1, 2**40]},
    {'rate': [25.0, 1.0]},
    {'rate': [25]},
    {'rate': 'often'},
    {'format': 'one'},
    {'network': b'bytes'},
  ],
)
def test_numbers_that_move_no_face_are_refused_in_one_line(tmp_path, fields):
  save_changed(tmp_path / 'm.npz', **fields)
  with pytest.raises(UsageError, match=r'\A[^\n]*m\.npz[^\n]*\Z'):
    load_motion(tmp_path / 'm.npz', 'some network')


def test_a_motion_that_claims_to_be_far_larger_is_not_unpacked(
  tmp_path, monkeypatch
):
  path = tmp_path / 'm.npz'
  with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('value.npy', bytes(2**25))
  monkeypatch.setattr(zipfile.ZipFile, 'open', None)
  with pytest.raises(UsageError, match='claims to unpack to 33554432 bytes'):
    load_motion(path, 'some network')


def test_a_motion_that_cannot_be_read_now_is_not_called_damaged(
  tmp_path, monkeypatch
):
  path = tmp_path / 'm.npz'
  save_changed(path)

  def fail(*_):
    raise MemoryError

  monkeypatch.setattr(zipfile.ZipFile, 'open', fail)
  with pytest.raises(UsageError, match='cannot be read now'):
    load_motion(path, 'some network')


def test_poses_and_smooth_motion_are_found_once_for_all_portraits(monkeypatch):
  motion = make_motion(draw_faces(6))
  smooth = motion.smooth(1.0)
  assert motion.smooth(1.0) is smooth and motion.smooth(0.0) is motion
  assert motion.smooth(3.0) is not smooth
  first = motion.find_start('best', take_frame(motion, 2))
  assert (first.number, first.distance) == (2, 0)
  areas = []

  def count(points):
    areas.append(points)
    return hull_area(points)

  monkeypatch.setattr(start_frame, 'hull_area', count)
  for number in range(6):
    portrait = take_frame(motion, number)
    assert motion.find_start('best', portrait).number == number
  assert len(areas) == 6  # one for each portrait, none for the video


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


@pytest.mark.parametrize(
  'fields',
  [
    {'rest_value': GOOD.value[0]},
    {'rest_value': GOOD.value, 'rest_jacobian': GOOD.jacobian},
    {'rest_value': GOOD.value[0], 'rest_jacobian': GOOD.jacobian[0] * np.nan},
  ],
)
def test_a_rest_that_fits_no_frame_is_refused(tmp_path, fields):
  save_changed(tmp_path / 'm.npz', **fields)
  with pytest.raises(UsageError, match='no motion that was saved'):
    load_motion(tmp_path / 'm.npz', 'some network')
