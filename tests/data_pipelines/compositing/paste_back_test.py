import numpy as np
import pytest
from PIL import Image

from data_pipelines.compositing.paste_back import PasteBack
from data_pipelines.faces.boxes import Square
from data_pipelines.faces.framing import (
  Framing,
  central,
  cut,
)

SIZE = 64
RNG = np.random.default_rng(0)
# Smooth enough to survive being scaled.
PORTRAIT = np.array(
  Image.fromarray(RNG.integers(0, 256, (12, 16, 3), np.uint8)).resize(
    (320, 240), Image.Resampling.BICUBIC
  )
)
PLACES = {
  'as large': Framing(Square(100.0, 80.0, 64.0)),
  'between pixels': Framing(Square(100.4, 80.7, 64.0)),
  'larger': Framing(Square(60.0, 40.0, 170.0)),
  'smaller': Framing(Square(100.0, 80.0, 40.0)),
  'leaning': Framing(Square(100.0, 60.0, 90.0), 25.0),
  'over the edge': Framing(Square(-30.0, 150.0, 120.0)),
  'leaning over the edge': Framing(Square(250.0, -20.0, 100.0), -40.0),
}


def inside(framing: Framing) -> np.ndarray:
  """Which pixels' middles lie in the framing."""
  y, x = np.mgrid[: PORTRAIT.shape[0], : PORTRAIT.shape[1]] + 0.5
  half = framing.square.side / 2
  x, y = x - framing.square.left - half, y - framing.square.top - half
  angle = np.radians(framing.lean)
  along = np.cos(angle) * x + np.sin(angle) * y
  across = np.cos(angle) * y - np.sin(angle) * x
  return (np.abs(along) < half) & (np.abs(across) < half)


@pytest.mark.parametrize('place', PLACES)
def test_what_was_cut_out_fits_in_again(place):
  framing = PLACES[place]
  back = PasteBack(PORTRAIT, framing, SIZE)(cut(PORTRAIT, framing, SIZE))
  difference = np.abs(np.int32(back) - PORTRAIT)
  assert not difference[~inside(framing)].any()
  if place == 'as large':
    assert difference.max() <= 1
  # What scaling down and up costs, and no shift: a pixel's would cost 8.
  assert difference[inside(framing)].mean() < 1.5


@pytest.mark.parametrize('place', PLACES)
def test_only_the_framing_changes_and_its_middle_is_the_frame(place):
  framing = PLACES[place]
  frame = RNG.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
  back = PasteBack(PORTRAIT, framing, SIZE)(frame)
  changed = (back != PORTRAIT).any(axis=-1)
  assert not changed[~inside(framing)].any()
  assert changed[inside(framing)].mean() > 0.8


def test_colours_are_matched_at_the_seam():
  framing = PLACES['as large']
  frame = cut(PORTRAIT, framing, SIZE)
  paler = np.uint8(np.clip(np.int32(frame) // 2 + 60, 0, 255))
  darker = paler - 30
  first, second = (
    PasteBack(PORTRAIT, framing, SIZE)(x) for x in (paler, darker)
  )
  assert np.abs(np.int32(first) - second).max() <= 1


def test_frames_fade_out_without_a_step():
  portrait = np.full((200, 200, 3), 100, np.uint8)
  frame = np.full((SIZE, SIZE, 3), 100, np.uint8)
  frame[16:48, 16:48] = 200  # the seam's colours agree
  back = PasteBack(portrait, Framing(Square(50.0, 50.0, 100.0)), SIZE)(frame)
  assert (back[95:105, 95:105] == 200).all()
  np.testing.assert_array_equal(back[50:60], portrait[50:60])
  bright = np.full((SIZE, SIZE, 3), 140, np.uint8)
  bright[:, SIZE // 2 :] = 60  # on the mean they agree, at no place they do
  back = PasteBack(portrait, Framing(Square(50.0, 50.0, 100.0)), SIZE)(bright)
  steps = np.abs(np.diff(np.int32(back[100, 45:90, 0])))
  assert 0 < steps.max() <= 8


def test_a_framing_beside_the_picture_changes_nothing():
  framing = Framing(Square(-500.0, 0.0, 100.0))
  frame = np.zeros((SIZE, SIZE, 3), np.uint8)
  back = PasteBack(PORTRAIT, framing, SIZE)(frame)
  np.testing.assert_array_equal(back, PORTRAIT)


def test_the_portrait_itself_stays_as_it_is():
  before = PORTRAIT.copy()
  frame = np.zeros((SIZE, SIZE, 3), np.uint8)
  PasteBack(PORTRAIT, central(PORTRAIT), SIZE)(frame)
  np.testing.assert_array_equal(PORTRAIT, before)
