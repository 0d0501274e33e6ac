import itertools

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.motion import Motion
from tests.support.drawn_faces import DiscFinder, picture
from tests.support.tiny import video

PORTRAIT, DRIVING = video(9)[8], video(5)


def follow(animator, frames):
  return animator.follow(frames, crop_driving='none', rate=25)


@pytest.fixture(scope='module')
def portrait(animator):
  return animator.prepare(PORTRAIT, crop='none')


@pytest.mark.parametrize('how', [{}, {'smooth': 2.0, 'strength': 0.5}])
def test_frames_to_come_move_the_portrait_as_a_video_does(
  animator, portrait, how
):
  motion = animator.watch(DRIVING, crop_driving='none')
  whole = [*animator.frames(portrait, motion, start='first', **how)]
  live = [*animator.frames(portrait, follow(animator, iter(DRIVING)), **how)]
  assert len(live) == len(DRIVING)
  difference = np.abs(np.int32(whole) - np.int32(live))
  assert difference.max() <= 1  # a rounding: chunks are of another size


def test_each_frame_is_made_before_the_next_is_asked_for(animator, portrait):
  asked = []

  def camera():
    for number in itertools.count():
      asked.append(number)
      yield DRIVING[number % 5]

  frames = animator.frames(
    portrait, follow(animator, camera()), grid='driving,result'
  )
  assert not asked
  for number in range(3):
    frame = next(frames)
    assert asked == [*range(number + 1)]
    size = len(portrait.square)
    np.testing.assert_array_equal(frame[:, :size], DRIVING[number])


def test_nobody_knows_how_many_frames_will_come(animator):
  motion = follow(animator, [])
  assert isinstance(motion, Motion)
  assert motion.count is None and motion.rate == 25


def test_motion_cannot_start_from_a_frame_to_come(animator, portrait):
  with pytest.raises(UsageError, match=r'start=3: .*starts from the first'):
    animator.frames(portrait, follow(animator, DRIVING), start=3)


def test_a_stream_that_ends_at_once_gives_nothing(animator, portrait):
  assert [*animator.frames(portrait, follow(animator, []))] == []


def chunks_of(animator, frames, **how):
  motion = animator.follow(frames, rate=25, **how)
  return motion, motion.chunks(1, with_frames=False)


def test_the_pose_at_rest_can_be_taken_again(animator):
  motion, chunks = chunks_of(animator, DRIVING, crop_driving='none')
  begins = [next(chunks).begins, next(chunks).begins]
  motion.rest()
  begins += [chunk.begins for chunk in chunks]
  assert begins == [False, False, True, False, False]


def test_from_a_pose_that_is_rest_the_portrait_does_not_move(
  animator, portrait
):
  motion = follow(animator, iter(DRIVING))
  frames = animator.frames(portrait, motion)
  still = next(frames)
  assert np.abs(np.int32(next(frames)) - still).max() > 3
  motion.rest()
  assert np.abs(np.int32(next(frames)) - still).max() <= 1


@pytest.fixture
def with_discs(monkeypatch):
  monkeypatch.setattr(
    'dagan_jax.inference.reenactment.crops.face_finder', DiscFinder
  )


def test_while_nobody_is_seen_the_pose_is_held(animator, with_discs):
  # One frame in six is looked at.
  frames = [picture((44 + n % 6, 48, 16, 30)) for n in range(30)]
  frames[12:18] = [picture()] * 6
  _, chunks = chunks_of(animator, frames)
  found = np.stack([chunk.keypoints.value[0] for chunk in chunks])
  np.testing.assert_array_equal(found[12:18], found[11:12].repeat(6, axis=0))
  assert (found[6:11] != found[7:12]).any() and (found[18] != found[17]).any()
  # Who comes back is met after ten frames, 0.4 s, and not at once.
  np.testing.assert_allclose(found[29], found[5], atol=1e-6)
  apart = [np.abs(found[n] - found[n - 18]).max() for n in range(18, 30)]
  assert apart[0] > apart[-1]


def test_motion_begins_anew_where_a_face_is_elsewhere(animator, with_discs):
  here, there = picture((30, 48, 14, 30)), picture((70, 48, 14, 30))
  _, chunks = chunks_of(animator, [picture(), *[here] * 8, *[there] * 9])
  begins = [chunk.begins for chunk in chunks]
  assert begins[:6] == [True] * 6  # nobody was seen yet
  assert [n for n, begin in enumerate(begins[6:], 6) if begin] == [6, 12]
