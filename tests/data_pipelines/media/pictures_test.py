import resource

import numpy as np
import pytest
from PIL import Image

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures

RAMP = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def test_a_png_is_read_exactly(tmp_path):
  Image.fromarray(RAMP).save(tmp_path / 'a.png')
  np.testing.assert_array_equal(pictures.read_picture(tmp_path / 'a.png'), RAMP)


def test_a_written_picture_is_read_exactly(tmp_path):
  pictures.write_picture(tmp_path / 'new' / 'a.png', RAMP)
  again = pictures.read_picture(tmp_path / 'new' / 'a.png')
  np.testing.assert_array_equal(again, RAMP)


@pytest.mark.parametrize('name', ['a.txt', 'a', 'file/a.png'])
def test_a_place_for_no_picture_is_one_clear_line(name, tmp_path):
  (tmp_path / 'file').touch()
  with pytest.raises(DataError, match=r'\A[^\n]+\Z'):
    pictures.write_picture(tmp_path / name, RAMP)


def test_a_full_disk_leaves_the_older_picture(tmp_path):
  """Files may not grow beyond a kilobyte."""
  pictures.write_picture(tmp_path / 'a.png', RAMP)
  noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
  limits = resource.getrlimit(resource.RLIMIT_FSIZE)
  resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
  try:
    with pytest.raises(DataError, match=rf'\A{tmp_path}/a.png: [^\n]+\Z'):
      pictures.write_picture(tmp_path / 'a.png', noise)
  finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
  assert [p.name for p in tmp_path.iterdir()] == ['a.png']
  np.testing.assert_array_equal(pictures.read_picture(tmp_path / 'a.png'), RAMP)


def test_transparency_lies_on_white(tmp_path):
  rgba = np.zeros((4, 4, 4), np.uint8)
  rgba[:, :2, 3] = 255
  Image.fromarray(rgba).save(tmp_path / 'a.png')
  image = pictures.read_picture(tmp_path / 'a.png')
  assert (image[:, :2] == 0).all() and (image[:, 2:] == 255).all()


def test_a_phones_rotation_is_applied(tmp_path):
  exif = Image.Exif()
  exif[0x0112] = 6  # the camera was held upright: turn clockwise
  Image.fromarray(RAMP).save(tmp_path / 'a.png', exif=exif)
  image = pictures.read_picture(tmp_path / 'a.png')
  np.testing.assert_array_equal(image, np.rot90(RAMP, -1))


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
  grey = np.linspace(0, 65535, 48).astype(np.uint16).reshape(6, 8)
  Image.fromarray(grey).save(tmp_path / 'a.png')
  image = pictures.read_picture(tmp_path / 'a.png')
  np.testing.assert_array_equal(image, np.repeat(grey[..., None] >> 8, 3, 2))


MODES = ['1', 'L', 'LA', 'P', 'CMYK', 'YCbCr', 'I;16']


@pytest.mark.parametrize('mode', MODES)
def test_every_mode_becomes_rgb(mode):
  image = pictures.rgb(Image.new(mode, (5, 7)))
  assert image.shape == (7, 5, 3) and image.dtype == np.uint8


# Pillow 12 cannot read the YCbCr that it writes.
@pytest.mark.parametrize('mode', [mode for mode in MODES if mode != 'YCbCr'])
def test_files_of_every_mode_are_read(mode, tmp_path):
  path = tmp_path / ('a.tif' if mode == 'CMYK' else 'a.png')
  Image.new(mode, (5, 7)).save(path)
  image = pictures.read_picture(path)
  assert image.shape == (7, 5, 3) and image.dtype == np.uint8


@pytest.mark.parametrize(
  'name', ['none.png', 'text.png', 'empty.jpg', 'cut.png', '.']
)
def test_a_bad_picture_is_one_clear_line(name, tmp_path):
  Image.effect_noise((64, 64), 50).save(tmp_path / 'cut.png')
  whole = (tmp_path / 'cut.png').read_bytes()
  (tmp_path / 'cut.png').write_bytes(whole[: len(whole) // 2])
  (tmp_path / 'text.png').write_text('not a picture')
  (tmp_path / 'empty.jpg').touch()
  with pytest.raises(DataError, match=r'\A[^\n]+\Z') as caught:
    pictures.read_picture(tmp_path / name)
  assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize('shape', [(40, 60, 3), (60, 40, 3), (41, 40, 3)])
def test_a_square_is_cropped_from_the_centre_never_squashed(shape):
  image = np.zeros(shape, np.uint8)
  rows, columns = np.ogrid[: shape[0], : shape[1]]
  centre = (shape[0] - 1) / 2, (shape[1] - 1) / 2
  image[(rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < 15**2] = 255
  disc = pictures.square(image, 20)[..., 0] > 127
  assert disc.shape == (20, 20)
  assert disc.any(0).sum() == pytest.approx(disc.any(1).sum(), abs=2)
  assert 13 <= disc.any(0).sum() <= 17


def test_a_square_of_the_right_size_is_left_alone():
  np.testing.assert_array_equal(pictures.square(RAMP[:, :6], 6), RAMP[:, :6])


def test_a_fine_pattern_shrinks_to_its_mean():
  image = np.indices((64, 64)).sum(0) % 2 * 255
  image = np.repeat(image[..., None], 3, 2).astype(np.uint8)
  np.testing.assert_allclose(pictures.square(image, 8), 127, atol=3)
