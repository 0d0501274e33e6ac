"""JPEG and PNG in memory: from pixels to bytes and back.

Where simplejpeg is installed, it decodes JPEG: to the same pixels as Pillow, in
about 60 % of the time. Decoding is most of what reading costs.
"""

import io

import numpy as np
from PIL import Image

from data_pipelines.media import pictures

try:
  import simplejpeg
except ImportError:
  simplejpeg = None

ENCODINGS = ('jpeg', 'png')
MOST_PIXELS = 4096**2  # of a frame; what claims more is not decoded


def encode_image(
  image: np.ndarray, encoding: str, quality: int | None = None
) -> bytes:
  """Returns uint8 (h, w, 3) as PNG, or as JPEG of a quality up to 100.

  Chroma keeps its full resolution: `frame_store` says why.
  """
  file = io.BytesIO()
  if encoding == 'jpeg':
    Image.fromarray(image).save(file, 'JPEG', quality=quality, subsampling=0)
  else:
    Image.fromarray(image).save(file, 'PNG')
  return file.getvalue()


def decode_image(data: bytes) -> np.ndarray:
  """Returns an encoded image as uint8 (h, w, 3).

  Raises:
    ValueError: it is neither JPEG nor PNG, claims more pixels than any frame
      has, or cannot be decoded.
  """
  try:
    if simplejpeg and simplejpeg.is_jpeg(data):
      _check_pixels(*simplejpeg.decode_jpeg_header(data)[:2])
      return simplejpeg.decode_jpeg(data, 'RGB')
    with Image.open(io.BytesIO(data), formats=ENCODINGS) as picture:
      _check_pixels(*picture.size)
      # Pillow would copy RGB to RGB, which takes a tenth of all the time.
      is_rgb = picture.mode == 'RGB'
      return np.asarray(picture if is_rgb else picture.convert('RGB'))
  except pictures.BROKEN:
    raise ValueError('its image cannot be decoded') from None


def _check_pixels(width: int, height: int) -> None:
  if width * height > MOST_PIXELS:
    raise ValueError(f'{width} x {height} pixels')
