"""Reads what a video or picture says of how it came about.

`provenance.comments` tells where each format keeps it, and writes it.
"""

import os
import pathlib
from xml.etree import ElementTree

import av
from PIL import Image, UnidentifiedImageError

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from data_pipelines.media.containers import open_container
from data_pipelines.media.picture_depths import FORMATS

_DESCRIPTION = (  # where ElementTree finds it
  './/{http://purl.org/dc/elements/1.1/}description'
  '//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li'
)


def read_comment(path: str | os.PathLike) -> str | None:
  """Returns what a video or picture says of how it came about, or None.

  Args:
    path: a video, a picture, or a folder of them: its first one.

  Raises:
    DataError: no such file, or neither a video nor a picture.
  """
  path = first_file(path)
  if path.is_dir():
    return None
  try:
    with Image.open(path, formats=FORMATS) as picture:
      return _picture_comment(picture.info)
  except UnidentifiedImageError:
    pass  # a video, then
  except OSError as error:
    raise DataError(f'{path}: cannot be read ({error.strerror})') from None
  except pictures.BROKEN:
    raise DataError(f'{path}: a damaged picture; copy it again') from None
  try:
    with open_container(path) as container:
      return container.metadata.get('comment')
  except (av.FFmpegError, OSError):
    raise DataError(f'{path}: neither a video nor a picture') from None


def first_file(path: str | os.PathLike) -> pathlib.Path:
  """The file itself, or the first one in a folder, or the empty folder."""
  path = pathlib.Path(path)
  if not path.is_dir():
    return path
  return min((p for p in path.iterdir() if p.is_file()), default=path)


def _picture_comment(info: dict) -> str | None:
  """From what Pillow read: of a png, a jpg or gif, or a webp."""
  comment = info.get('Comment') or info.get('comment')
  if isinstance(comment, bytes):
    return comment.decode(errors='replace')
  if comment is None and 'xmp' in info:
    try:
      return ElementTree.fromstring(info['xmp']).findtext(_DESCRIPTION)
    except ElementTree.ParseError:
      return None
  return comment
