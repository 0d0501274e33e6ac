"""Reads and writes still pictures; makes any frame a square of one size."""

import contextlib
import os
import pathlib
import stat
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

from data_pipelines.errors.mendable import DataError
from data_pipelines.errors.whole_files import write_whole
from data_pipelines.media import picture_depths
from data_pipelines.media.colour_profiles import make_srgb
from data_pipelines.media.picture_depths import (
  make_eight_bits,
  open_picture,
)
from data_pipelines.provenance import comments
from data_pipelines.provenance.origin import UNTOLD, Origin

SUFFIXES = frozenset(
  {'.png', '.jpg', '.jpeg', '.webp', '.bmp', '.tif', '.tiff'}
)

# What Pillow raises for a file that is cut, foreign or absurdly large.
BROKEN = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


def read_picture(path: str | os.PathLike) -> np.ndarray:
  """Returns the picture at `path`, upright, as uint8 (h, w, 3) in RGB.

  Any size and mode: transparency lies on white, deeper numbers and floats
  become 8 bits, colours become sRGB as an ICC profile says, a phone's EXIF
  rotation is applied. Of an animation: its first frame.

  Raises:
    DataError: there is no such file, or it cannot be read as a picture.
  """
  with _explain(path), open_picture(path) as picture:
    return rgb(picture)


def measure_picture(path: str | os.PathLike) -> tuple[int, int]:
  """Returns the width and height that a picture claims, as it is stored.

  No pixel is decoded, so that it costs nothing to refuse one that is too large.

  Raises:
    DataError: there is no such file, or it is no picture.
  """
  with _explain(path):
    return picture_depths.measure_picture(path)


@contextlib.contextmanager
def _explain(path: str | os.PathLike) -> Iterator[None]:
  """Raises DataError where a picture cannot be read."""
  check_file(path, 'picture')
  try:
    yield
  except Image.DecompressionBombError:
    raise DataError(
      f'{path}: claims more than {2 * Image.MAX_IMAGE_PIXELS} pixels; scale it'
      ' down'
    ) from None
  except BROKEN:
    raise DataError(
      f'{path}: not a picture that can be read, or cut short;'
      ' give a png, jpg or webp file'
    ) from None


def write_picture(
  path: str | os.PathLike, image: np.ndarray, origin: Origin = UNTOLD
) -> None:
  """Writes uint8 (h, w, 3) in the format that the path's suffix names.

  It is written whole or not at all (see `write_whole`). A png, jpg or webp
  keeps a comment on how it came about (see `comments`), other formats do not; a
  mark in the pixels is in all of them, and a manifest in all but bmp.

  Raises:
    DataError: the place cannot be written, or the suffix names no format.
  """
  path = pathlib.Path(path)
  options = comments.picture_options(path.suffix, origin.comment)
  if origin.mark:
    image = origin.mark(image)
  with write_whole(path) as partial:
    try:
      Image.fromarray(image).save(partial, **options)
      origin.seal(partial)
    except ValueError as error:
      raise DataError(f'{path}: cannot be written ({error})') from None


def check_file(path: str | os.PathLike, kind: str) -> None:
  """Raises DataError when `path` is not a readable file that holds bytes."""
  try:
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
      raise DataError(
        f'{path}: a pipe or a device, which can be read but once; write it to a'
        ' file'
      )
    if stat.S_ISDIR(mode):
      raise DataError(f'{path}: a folder, where the file of a {kind} is needed')
    open(path, 'rb').close()
  except FileNotFoundError:
    raise DataError(f'{path}: there is no such {kind}') from None
  except PermissionError:
    raise DataError(
      f'{path}: may not be read; change its permissions'
    ) from None
  except OSError as error:
    raise DataError(f'{path}: cannot be read ({error.strerror})') from None
  if os.path.getsize(path) == 0:
    raise DataError(f'{path}: empty (0 bytes); copy or export it again')


def rgb(picture: Image.Image) -> np.ndarray:
  """Returns an open Pillow picture, upright, as uint8 (h, w, 3) in sRGB."""
  picture = make_srgb(ImageOps.exif_transpose(make_eight_bits(picture)))
  if picture.mode == 'RGBA':
    paper = Image.new('RGBA', picture.size, 'white')
    picture = Image.alpha_composite(paper, picture)
  return np.array(picture.convert('RGB'))


def square(image: np.ndarray, size: int) -> np.ndarray:
  """Crops the central square of an image and scales it to `size`.

  The one way from a frame to a network's input, for data sets and animation
  alike: what is learnt on and what is animated see the same scaling.

  Args:
    image: uint8 (h, w, 3) of any shape; it is cropped, never squashed.
    size: the side of the result, in pixels.

  Returns:
    uint8 (size, size, 3), antialiased where it shrinks.
  """
  height, width = image.shape[:2]
  side = min(height, width)
  top, left = (height - side) // 2, (width - side) // 2
  image = image[top : top + side, left : left + side]
  if side == size:
    return np.ascontiguousarray(image)
  picture = Image.fromarray(np.ascontiguousarray(image))
  filter_ = Image.Resampling.LANCZOS
  return np.array(picture.resize((size, size), filter_, reducing_gap=3.0))
