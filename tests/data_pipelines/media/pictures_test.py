import os
import resource

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from tests.support import icc_profiles

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


def full_ramp(dtype):
  """Colours from none of a type's range to all of it, and their bytes."""
  shares = np.linspace(0, 1, 6 * 8 * 3).reshape(6, 8, 3)
  kind = np.dtype(dtype)
  white = 1 if kind.kind == 'f' else int(np.iinfo(kind).max)
  return (shares * white).astype(kind), np.rint(255 * shares)


DEEP = ['f2', 'f4', 'f8', 'u2', 'i2', 'u4', 'i4']


@pytest.mark.parametrize('dtype', DEEP)
@pytest.mark.parametrize('planes', ['contig', 'separate', 'grey'])
def test_deep_tiffs_keep_their_brightness(dtype, planes, tmp_path):
  values, expected = full_ramp(dtype)
  options = {'photometric': 'rgb', 'planarconfig': planes}
  if planes == 'grey':
    values, options = values[..., 0].copy(), {}
    expected = np.repeat(expected[..., :1], 3, 2)
  stored = np.moveaxis(values, 2, 0) if planes == 'separate' else values
  tifffile.imwrite(tmp_path / 'a.tif', stored, **options)
  image = pictures.read_picture(tmp_path / 'a.tif')
  assert image.dtype == np.uint8
  np.testing.assert_allclose(image, expected, atol=1)


@pytest.mark.parametrize('white', [1, 255, 65535])
@pytest.mark.parametrize('dtype', ['f4', 'u4'])
def test_numbers_wider_than_their_range_have_the_white_of_that(
  dtype, white, tmp_path
):
  if (dtype, white) == ('u4', 1):
    pytest.skip('whole numbers of 0 and 1 are no picture')
  shares = np.linspace(0, 1, 48).reshape(6, 8)
  tifffile.imwrite(tmp_path / 'a.tif', (shares * white).astype(dtype))
  image = pictures.read_picture(tmp_path / 'a.tif')
  np.testing.assert_allclose(image[..., 0], 255 * shares, atol=1)


def test_light_beyond_white_and_no_number_darken_no_picture(tmp_path):
  values = np.full((6, 8, 3), 0.5, np.float32)
  values[0], values[1] = 3.0, np.nan
  tifffile.imwrite(tmp_path / 'a.tif', values, photometric='rgb')
  image = pictures.read_picture(tmp_path / 'a.tif')
  assert (image[0] == 255).all() and (image[2:] == 128).all()


def test_a_deep_tiff_of_absurd_size_is_refused_unread(tmp_path, monkeypatch):
  tifffile.imwrite(tmp_path / 'a.tif', full_ramp('f4')[0], photometric='rgb')
  monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 20)
  with pytest.raises(DataError, match=r'a\.tif: [^\n]+\Z'):
    pictures.read_picture(tmp_path / 'a.tif')


def test_a_pipe_is_one_clear_line(tmp_path):
  os.mkfifo(tmp_path / 'a.mp4')
  with pytest.raises(DataError, match=r'a\.mp4: a pipe[^\n]+\Z'):
    pictures.check_file(tmp_path / 'a.mp4', 'video')


def test_a_grey_profile_is_honoured(tmp_path):
  """Of a file whose greys are light itself, the middle is lighter."""
  grey = Image.new('L', (8, 6), 128)
  grey.save(tmp_path / 'a.png', icc_profile=icc_profiles.linear_grey())
  image = pictures.read_picture(tmp_path / 'a.png')
  np.testing.assert_allclose(image, 188, atol=1)


def test_a_deep_tiff_is_upright(tmp_path):
  values = full_ramp('f4')[0]
  turned = (274, 'H', 1, 6, True)  # tag, type, count, value, once
  tifffile.imwrite(
    tmp_path / 'a.tif', values, photometric='rgb', extratags=[turned]
  )
  image = pictures.read_picture(tmp_path / 'a.tif')
  expected = np.rot90(np.rint(255 * values), -1)
  np.testing.assert_allclose(image, expected, atol=1)


SKIN = np.array([168, 120, 98])


@pytest.mark.parametrize('space', icc_profiles.SPACES)
@pytest.mark.parametrize('suffix', ['png', 'tif', 'jpg', 'webp'])
def test_a_colour_profile_is_honoured(space, suffix, tmp_path):
  numbers = 255 * icc_profiles.numbers(SKIN / 255, space)
  # Rounded up and down by lot, the mean is as exact as the numbers were.
  lot = np.random.default_rng(0).uniform(size=(64, 64, 3))
  wide = np.floor(numbers + lot).astype(np.uint8)
  assert np.abs(numbers - SKIN).max() > 5
  Image.fromarray(wide).save(
    tmp_path / f'a.{suffix}',
    icc_profile=icc_profiles.profile(space),
    **({'lossless': True} if suffix == 'webp' else {}),
    **({'quality': 100, 'subsampling': 0} if suffix == 'jpg' else {}),
  )
  image = pictures.read_picture(tmp_path / f'a.{suffix}')
  rounded = 1.0 if suffix == 'jpg' else 0.5  # JPEG rounds again
  np.testing.assert_allclose(image.mean((0, 1)), SKIN, atol=rounded)


def test_a_profile_acts_on_transparent_and_on_deep_pictures_too(tmp_path):
  numbers = icc_profiles.numbers(SKIN / 255, 'prophoto')
  profile = icc_profiles.profile('prophoto')
  wide = np.full((6, 8, 4), 255, np.uint8)
  wide[..., :3] = np.rint(255 * numbers)
  wide[:3, :, 3] = 0
  Image.fromarray(wide).save(tmp_path / 'a.png', icc_profile=profile)
  image = pictures.read_picture(tmp_path / 'a.png')
  assert (image[:3] == 255).all()
  np.testing.assert_allclose(image[3:], np.tile(SKIN, (3, 8, 1)), atol=1)
  tifffile.imwrite(
    tmp_path / 'a.tif',
    np.tile(numbers.astype(np.float32), (6, 8, 1)),
    photometric='rgb',
    iccprofile=profile,
  )
  image = pictures.read_picture(tmp_path / 'a.tif')
  np.testing.assert_allclose(image, np.tile(SKIN, (6, 8, 1)), atol=1)


def test_srgb_by_any_name_and_a_broken_profile_leave_every_number(tmp_path):
  noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
  srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
  for profile in (srgb, b'no profile', srgb[:300]):
    Image.fromarray(noise).save(tmp_path / 'a.png', icc_profile=profile)
    np.testing.assert_array_equal(
      pictures.read_picture(tmp_path / 'a.png'), noise
    )


MODES = ['1', 'L', 'LA', 'P', 'CMYK', 'YCbCr', 'LAB', 'I;16', 'I', 'F']


@pytest.mark.parametrize('mode', MODES)
def test_every_mode_becomes_rgb(mode):
  image = pictures.rgb(Image.new(mode, (5, 7)))
  assert image.shape == (7, 5, 3) and image.dtype == np.uint8


# Pillow 12 cannot read the YCbCr that it writes.
@pytest.mark.parametrize('mode', [mode for mode in MODES if mode != 'YCbCr'])
def test_files_of_every_mode_are_read(mode, tmp_path):
  path = tmp_path / ('a.tif' if mode in ('CMYK', 'LAB', 'F') else 'a.png')
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


def test_postscript_is_a_program_and_no_picture(tmp_path):
  Image.new('RGB', (8, 8)).save(tmp_path / 'page.eps')
  with pytest.raises(DataError, match='not a picture'):
    pictures.read_picture(tmp_path / 'page.eps')


def test_a_picture_is_measured_without_its_pixels(tmp_path):
  path = tmp_path / 'cut.png'
  Image.effect_noise((300, 200), 50).save(path)
  path.write_bytes(path.read_bytes()[:200])
  assert pictures.measure_picture(path) == (300, 200)
  tifffile.imwrite(tmp_path / 'deep.tif', np.zeros((20, 30, 3), np.float32))
  assert pictures.measure_picture(tmp_path / 'deep.tif') == (30, 20)
  (tmp_path / 'text.png').write_text('no picture')
  with pytest.raises(DataError, match='not a picture'):
    pictures.measure_picture(tmp_path / 'text.png')


def test_more_pixels_than_can_be_meant_are_told_as_such(tmp_path, monkeypatch):
  Image.new('1', (100, 100)).save(tmp_path / 'large.png')
  monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 1000)
  for read in pictures.read_picture, pictures.measure_picture:
    with pytest.raises(DataError, match='more than 2000 pixels; scale it down'):
      read(tmp_path / 'large.png')
