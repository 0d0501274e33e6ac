"""Still pictures of more than eight bits a channel, made eight bits."""

import contextlib
import os
from collections.abc import Iterator

import numpy as np
from etils import epy
from PIL import (
  AvifImagePlugin,  # noqa: F401 - known to Pillow from here on
  ExifTags,
  Image,
  Jpeg2KImagePlugin,  # noqa: F401
  TiffImagePlugin,  # noqa: F401
  UnidentifiedImageError,
  WebPImagePlugin,  # noqa: F401
)

with epy.lazy_imports():  # slow, and few programs need it
  import tifffile

# Pillow's formats that people keep pictures in. It takes others by guessing,
# and one of them, PostScript, is a program that another program runs.
FORMATS = (
  'PNG', 'JPEG', 'WEBP', 'GIF', 'BMP', 'TIFF', 'AVIF', 'JPEG2000', 'PPM',
)  # fmt: skip

# Tags of a TIFF, and values of two of them.
_BITS, _PLANES, _SAMPLE_FORMAT = 258, 284, 339
_SEPARATE, _SIGNED = 2, 2
# Floats have no largest number. Programs write white as one of these; light
# beyond it, up to the factor, is clipped.
_WHITES = (1, 255, 65535)
_OVER_WHITE = 16


def open_picture(path: str | os.PathLike) -> Image.Image:
  """Opens a picture, a TIFF of any numbers too.

  Raises:
    OSError, ValueError, ...: it cannot be read; see `pictures.BROKEN`.
  """
  try:
    picture = Image.open(path, formats=FORMATS)
  except UnidentifiedImageError:
    return _read_deep_tiff(path)
  tags = getattr(picture, 'tag_v2', {})
  if tags.get(_PLANES) == _SEPARATE and max(tags.get(_BITS, (8,))) > 8:
    picture.close()  # Pillow takes the bytes of such a one for its pixels
    return _read_deep_tiff(path)
  return picture


def make_eight_bits(picture: Image.Image) -> Image.Image:
  """Returns an open picture that has eight bits a channel.

  Pillow would clip what is deeper, so that a face comes out black or white.
  """
  if picture.mode != 'F' and not picture.mode.startswith('I'):
    return picture
  orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
  return _picture(_typed(picture), orientation, picture.info)


def _read_deep_tiff(path: str | os.PathLike) -> Image.Image:
  """A TIFF of a kind that Pillow does not know, made eight bits.

  That is colour in floats, in 32-bit or in signed numbers. Raises ValueError
  when it is no TIFF at all.
  """
  with _open_tiff(path) as page:
    # Pillow's limit, too; and no more channels than colours and transparency.
    if page.size > 2 * Image.MAX_IMAGE_PIXELS * min(page.samplesperpixel, 4):
      raise ValueError('its size is absurd')
    values = page.asarray()
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
      values = np.moveaxis(values, 0, -1)
    orientation = page.tags.valueof('Orientation', default=1)
    profile = {'icc_profile': page.iccprofile}
  return _picture(np.squeeze(values), orientation, profile)


def measure_picture(path: str | os.PathLike) -> tuple[int, int]:
  """The width and height that a picture claims; no pixel is decoded.

  Raises:
    OSError, ValueError, ...: it cannot be read; see `pictures.BROKEN`.
  """
  try:
    with Image.open(path, formats=FORMATS) as picture:
      return picture.size
  except UnidentifiedImageError:
    with _open_tiff(path) as page:
      return page.imagewidth, page.imagelength


@contextlib.contextmanager
def _open_tiff(path: str | os.PathLike) -> Iterator['tifffile.TiffPage']:
  """The first page of a TIFF; raises ValueError when it is none."""
  try:
    with tifffile.TiffFile(path) as file:
      yield file.pages.first
  except (tifffile.TiffFileError, IndexError, KeyError, TypeError) as error:
    raise ValueError(str(error)) from None


def _picture(values: np.ndarray, orientation: int, info: dict) -> Image.Image:
  picture = Image.fromarray(_scale(values))
  picture.getexif()[ExifTags.Base.Orientation] = int(orientation)
  picture.info['icc_profile'] = info.get('icc_profile')
  return picture


def _typed(picture: Image.Image) -> np.ndarray:
  """The numbers of a grey picture in the type that its file has."""
  values = np.asarray(picture)
  if picture.mode != 'I':
    return values
  tags = getattr(picture, 'tag_v2', {})  # other formats: 16 bits, unsigned
  is_signed = tags.get(_SAMPLE_FORMAT, (1,))[0] == _SIGNED
  bits = tags.get(_BITS, (16,))[0]
  return values.astype(np.dtype(f'{"i" if is_signed else "u"}{bits // 8}'))


def _scale(values: np.ndarray) -> np.ndarray:
  """Numbers of any type as uint8.

  White is the largest number of the type, but for floats and 32 bits: these
  often hold the numbers of a smaller type, the smallest that has room for the
  brightest pixel.
  """
  if values.dtype.kind == 'f':
    values = np.nan_to_num(values.astype(np.float64))
    reached = (w for w in _WHITES if values.max() <= _OVER_WHITE * w)
    white = next(reached, values.max())
    return np.clip(np.rint(values * (255 / white)), 0, 255).astype(np.uint8)
  values = np.maximum(values, 0)
  full = int(np.iinfo(values.dtype).max).bit_length()
  if full > 16:
    brightest = int(values.max()).bit_length()
    full = next(bits for bits in (8, 16, full) if brightest <= bits)
  return (values >> max(full - 8, 0)).astype(np.uint8)
