import itertools

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.motion import Motion
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
