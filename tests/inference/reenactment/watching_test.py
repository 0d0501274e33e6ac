from fractions import Fraction

import numpy as np
import pytest

from dagan_jax.console.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.reenactment import crops
from dagan_jax.inference.reenactment.watching import (
  GrowingKeypoints,
  read_rate,
)
from tests.support.drawn_faces import DiscFinder, picture
from tests.support.tiny import video

DRIVING = video(6)


def iter_once():
  """The frames, of a number that nobody knows."""
  yield from DRIVING


@pytest.mark.parametrize(
  ('asked', 'kept'),
  [
    (25, 25),
    (29.97, Fraction(2997, 100)),
    (None, 25),
    (Fraction(30000, 1001), Fraction(30000, 1001)),
  ],
)
def test_the_rate_is_that_of_the_video_and_no_binary_fraction(asked, kept):
  assert read_rate(DRIVING, asked) == kept


def test_progress_is_told_chunk_by_chunk(animator):
  for frames, total in ((iter_once(), None), (DRIVING, 6)):
    told = []
    motion = animator.watch(
      frames, crop_driving='none', progress=lambda *x, told=told: told.append(x)
    )
    assert told == [(4, total), (6, total)]
    assert motion.count == 6


def test_frames_that_come_once_cannot_be_shown_again(animator):
  once = animator.watch(iter_once(), crop_driving='none')
  again = animator.watch(DRIVING, crop_driving='none')
  assert again.has_frames and not once.has_frames
  np.testing.assert_array_equal(again.keypoints.value, once.keypoints.value)


def test_a_video_without_frames_is_told(animator):
  with pytest.raises(UsageError, match='the video: there is no frame'):
    animator.watch([], crop_driving='none')


def test_the_pose_rests_while_no_face_is_seen(animator, monkeypatch):
  monkeypatch.setattr(crops, 'face_finder', DiscFinder)
  frames = [picture((40 + 2 * k, 48, 16, 30)) for k in range(8)]
  with_gap = animator.watch([*frames, *[picture()] * 4]).keypoints
  for rests in with_gap:
    np.testing.assert_array_equal(rests[8:], rests[7:8].repeat(4, axis=0))
  for found, whole in zip(
    with_gap, animator.watch(frames).keypoints, strict=True
  ):
    np.testing.assert_allclose(found[:8], whole, atol=1e-5)


def test_growing_keypoints_are_the_frames_in_order():
  random = np.random.default_rng(0)
  whole = Keypoints(
    random.random((5, 3, 2), np.float32),
    random.random((5, 3, 2, 2), np.float32),
  )
  growing = GrowingKeypoints()
  assert not growing
  for part in (slice(0, 1), slice(1, 4), slice(4, 5)):
    growing.extend(Keypoints(*(x[part] for x in whole)))
  assert len(growing) == 5
  for found, expected in zip(growing.stack(), whole, strict=True):
    np.testing.assert_array_equal(found, expected)
