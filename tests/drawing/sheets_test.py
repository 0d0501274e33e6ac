import numpy as np

from dagan_jax.drawing import sheets


def test_a_contact_sheet_shows_every_picture_beside_its_label():
  red = np.broadcast_to(np.uint8((255, 0, 0)), (3, 64, 64, 3))
  blue = np.broadcast_to(np.uint8((0, 0, 255)), (1, 128, 128, 3))
  sheet = sheets.contact_sheet({'source': red, 'prediction': blue})
  is_red = (sheet == (255, 0, 0)).all(-1)
  is_blue = (sheet == (0, 0, 255)).all(-1)
  assert is_red.sum() == 3 * 128 * 128  # as high as the highest
  assert is_blue.sum() == 128 * 128
  margin = np.nonzero(is_red)[1].min()
  labels = sheet[:, :margin].min(-1)
  upper, lower = np.nonzero((labels < 100).any(1))[0][[0, -1]]
  assert upper < 128 < lower


def test_small_pictures_are_shown_large_enough_to_look_at():
  tiny = np.zeros((2, 16, 16, 3), np.uint8)
  sheet = sheets.contact_sheet({'source': tiny})
  assert (sheet == 0).all(-1).sum() == 2 * 128 * 128
