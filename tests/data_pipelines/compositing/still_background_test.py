import numpy as np

from data_pipelines.compositing.still_background import StillBackground

SIZE = 96
RNG = np.random.default_rng(0)
PORTRAIT = RNG.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
FRAME = RNG.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
NEAR = 6  # pixels around the person that may show both


def person(left):
  """A mask that is 1 in a block of 30 x 60 pixels."""
  mask = np.zeros((SIZE, SIZE, 1), np.float32)
  mask[SIZE - 60 :, left : left + 30] = 1
  return mask


def far_from(*masks):
  """Pixels further than NEAR from all of what masks cover."""
  covered = np.any(masks, axis=0)[..., 0]
  rows, columns = np.nonzero(covered)
  far = np.ones((SIZE, SIZE), bool)
  for row, column in zip(rows, columns, strict=True):
    top, left = max(0, row - NEAR), max(0, column - NEAR)
    far[top : row + NEAR + 1, left : column + NEAR + 1] = False
  return far


def test_the_portrait_before_itself_is_the_portrait():
  still = StillBackground(PORTRAIT, person(20))
  for left in (20, 50):
    shown = still(PORTRAIT, person(left))
    assert shown.dtype == np.uint8
    np.testing.assert_array_equal(shown, PORTRAIT)


def test_the_background_is_the_portrait_to_the_bit():
  before, now = person(20), person(40)
  shown = StillBackground(PORTRAIT, before)(FRAME, now)
  far = far_from(before, now)
  assert far.mean() > 0.3
  np.testing.assert_array_equal(shown[far], PORTRAIT[far])


def test_the_person_and_what_they_uncovered_are_the_frame():
  before, now = person(10), person(50)
  shown = StillBackground(PORTRAIT, before)(FRAME, now)
  for mask in (before, now):
    inside = mask[..., 0] == 1
    np.testing.assert_array_equal(shown[inside], FRAME[inside])


def test_the_transition_is_soft():
  portrait = np.zeros((SIZE, SIZE, 3), np.uint8)
  frame = np.full((SIZE, SIZE, 3), 200, np.uint8)
  shown = StillBackground(portrait, person(20))(frame, person(20))
  row = np.int32(shown[60, :, 0])
  between = (row > 0) & (row < 200)
  assert 2 <= between.sum() <= 2 * NEAR
  assert np.abs(np.diff(row)).max() < 160


def test_frames_leave_no_trace_in_what_follows():
  still = StillBackground(PORTRAIT, person(20))
  first = still(FRAME, person(40))
  still(PORTRAIT, person(0))
  np.testing.assert_array_equal(still(FRAME, person(40)), first)


def test_nobody_anywhere_leaves_the_portrait():
  nobody = np.zeros((SIZE, SIZE, 1), np.float32)
  shown = StillBackground(PORTRAIT, nobody)(FRAME, nobody)
  np.testing.assert_array_equal(shown, PORTRAIT)
