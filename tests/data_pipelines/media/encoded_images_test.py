import numpy as np
import pytest

from data_pipelines.media import encoded_images
from data_pipelines.media.encoded_images import (
  decode_image,
  encode_image,
)
from data_pipelines.synthetic import rendered_faces


@pytest.fixture(params=['simplejpeg', 'Pillow'], autouse=True)
def decoder(request, monkeypatch):
  """Every test holds with and without simplejpeg."""
  if request.param == 'Pillow':
    monkeypatch.setattr(encoded_images, 'simplejpeg', None)
  elif encoded_images.simplejpeg is None:
    pytest.skip('simplejpeg is not installed')


@pytest.mark.parametrize('shape', [(16, 16, 3), (48, 32, 3)])
def test_png_is_exact_and_jpeg_near(shape):
  height, width, _ = np.indices(shape)
  image = (3 * height + 2 * width).astype(np.uint8)
  exact = decode_image(encode_image(image, 'png'))
  np.testing.assert_array_equal(exact, image)
  sizes = []
  for quality, tolerance in ((95, 6), (30, 40)):
    data = encode_image(image, 'jpeg', quality)
    near = decode_image(data)
    assert near.dtype == np.uint8
    np.testing.assert_allclose(near, image.astype(int), atol=tolerance)
    sizes.append(len(data))
  assert sizes[0] > sizes[1]


def test_colours_of_jpeg_keep_their_full_resolution():
  image = np.zeros((16, 16, 3), np.uint8)
  image[:, ::2, 0] = image[:, 1::2, 2] = 200  # red and blue columns
  seen = decode_image(encode_image(image, 'jpeg', 95))
  np.testing.assert_allclose(seen, image.astype(int), atol=12)


def test_grey_images_get_three_channels():
  grey = np.full((16, 16), 99, np.uint8)
  image = decode_image(encode_image(grey, 'png'))
  np.testing.assert_array_equal(image, np.full((16, 16, 3), 99))


@pytest.mark.parametrize('quality', [95, 50])
def test_it_makes_no_difference_who_decodes(quality, monkeypatch):
  data = encode_image(rendered_faces.image(0, 0, 48), 'jpeg', quality)
  seen = decode_image(data)
  monkeypatch.setattr(encoded_images, 'simplejpeg', None)
  np.testing.assert_array_equal(seen, decode_image(data))


@pytest.mark.parametrize('data', [b'', b'neither', bytes(99), b'\xff\xd8\xff'])
def test_what_is_no_image_is_told(data):
  with pytest.raises(ValueError, match='its image cannot be decoded'):
    decode_image(data)


@pytest.mark.parametrize('encoding', encoded_images.ENCODINGS)
def test_a_cut_image_is_told(encoding):
  data = encode_image(rendered_faces.image(0, 0, 48), encoding, 95)
  for length in (len(data) // 2, 30):
    with pytest.raises(ValueError, match='its image cannot be decoded'):
      decode_image(data[:length])
