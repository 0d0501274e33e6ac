import numpy as np
import pytest

from data_pipelines.faces.boxes import (
  Square,
  clip_square,
  crop,
)
from data_pipelines.faces.find import Face
from data_pipelines.faces.follow import Track

NOISE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
LANDMARKS = np.zeros((68, 2), np.float32)
SQUARES = (Square(20.0, 10.0, 40.0), Square(30.3, 12.7, 33.4))


def track(*boxes):
  """A face in these boxes; None: lost."""
  faces = (box and Face(np.float32(box), LANDMARKS) for box in boxes)
  return Track(0, tuple(faces))


def wanderer(frames=40, scale=1.0):
  """Boxes of a head that nods, shakes and comes nearer."""
  time = np.linspace(0, 6, frames)[:, None]
  middle = [300, 200] + [40, 20] * np.sin(time * [1.0, 1.7])
  half = [50, 60] * (1 + 0.1 * time / 6)
  return (scale * np.concatenate([middle - half, middle + half], 1)).tolist()


@pytest.mark.parametrize('left, top, side', [(0, 0, 90), (17, 31, 50)])
def test_a_square_of_the_right_size_is_cut_out_exactly(left, top, side):
  image = crop(NOISE, Square(left, top, side), side)
  true = NOISE[top : top + side, left : left + side]
  np.testing.assert_array_equal(image, true)


@pytest.mark.parametrize('square', SQUARES)
@pytest.mark.parametrize('size', [16, 64])
@pytest.mark.parametrize('right, down', [(0, 7), (-9, 0), (25, 13)])
def test_a_crop_moves_with_the_picture(square, size, right, down):
  large = np.pad(NOISE, ((0, 40), (0, 40), (0, 0)))
  moved = np.roll(large, (down, right), axis=(0, 1))
  there = Square(square.left + right, square.top + down, square.side)
  np.testing.assert_array_equal(
    crop(moved, there, size), crop(large, square, size)
  )


@pytest.mark.parametrize(
  'square',
  [
    Square(-20.0, -30.0, 60.0),
    Square(100.0, 70.0, 45.5),
    Square(-30.0, -45.0, 180.0),
    Square(200.0, -300.0, 50.0),
  ],
)
@pytest.mark.parametrize('size', [24, 64])
def test_outside_of_the_frame_the_edge_is_repeated(square, size):
  wide = np.pad(NOISE, ((400, 400), (400, 400), (0, 0)), mode='edge')
  there = Square(square.left + 400, square.top + 400, square.side)
  image = crop(NOISE, square, size)
  assert image.shape == (size, size, 3) and image.dtype == np.uint8
  np.testing.assert_array_equal(image, crop(wide, there, size))


def test_a_crop_is_never_squashed():
  rows, columns = np.ogrid[:90, :120]
  disc = ((rows - 40) ** 2 + (columns - 50) ** 2 < 30**2) * np.uint8(255)
  frame = np.repeat(disc[..., None], 3, axis=2)
  seen = crop(frame, Square(10.0, -10.0, 100.0), 50)[..., 0] > 127
  assert seen.any(0).sum() == pytest.approx(30, abs=1)
  assert seen.any(1).sum() == pytest.approx(30, abs=1)


def test_a_fine_pattern_shrinks_to_its_mean():
  board = (np.indices((90, 120)).sum(0) % 2 * 255).astype(np.uint8)
  image = crop(np.repeat(board[..., None], 3, 2), Square(5.0, 6.0, 80.0), 10)
  np.testing.assert_allclose(image, 127, atol=3)


@pytest.mark.parametrize('grow', [0.0, 0.1, 0.5])
def test_the_square_holds_every_box_and_its_forehead(grow):
  left, top, side = clip_square(track(*wanderer()), grow)
  boxes = np.array(wanderer())
  assert left < boxes[:, 0].min() and boxes[:, 2].max() < left + side
  height = boxes[:, 3] - boxes[:, 1]
  assert top < (boxes[:, 1] - 0.1 * height).min()
  assert boxes[:, 3].max() < top + side + 1e-3


def test_the_square_knows_no_order_and_no_lost_frames():
  boxes = wanderer()
  square = clip_square(track(*boxes))
  assert clip_square(track(*boxes[::-1])) == square
  assert clip_square(track(boxes[0], None, *boxes[1:])) == square


def test_a_picture_twice_as_large_has_a_square_twice_as_large():
  once, twice = (clip_square(track(*wanderer(scale=s))) for s in (1, 2))
  np.testing.assert_allclose(twice, 2 * np.array(once), rtol=1e-6)


def test_the_square_moves_with_the_face():
  boxes = wanderer()
  moved = np.add(boxes, [30, -70, 30, -70]).tolist()
  one, other = clip_square(track(*boxes)), clip_square(track(*moved))
  np.testing.assert_allclose(np.subtract(other, one), [30, -70, 0], atol=1e-3)


def test_who_nods_a_little_is_shown_as_large_as_who_sits_still():
  still = [100, 100, 200, 220]
  nods = [still, [104, 106, 204, 226], [98, 96, 198, 216]]
  one, other = clip_square(track(still)), clip_square(track(*nods))
  assert one.side == pytest.approx(other.side)
  assert 0.5 < 120 / one.side < 0.65


def test_a_larger_margin_keeps_the_middle():
  small, large = (clip_square(track(*wanderer()), g) for g in (0.1, 0.3))
  middles = [s.left + s.side / 2 for s in (small, large)]
  assert large.side > small.side
  assert middles[0] == pytest.approx(middles[1])
