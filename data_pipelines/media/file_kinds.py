"""What a file is by its content: a picture, a video, a sound, or none of these.

Names are often wrong: phones, browsers and messengers save a video as .gif, a
picture as .jfif. So the first bytes decide, and the streams inside, where
pictures and sound share a format. Only where the content says nothing, as in a
damaged file, does the name decide: whoever opens the file tells what is wrong.
"""

import enum
import pathlib

import av
from av.stream import Disposition
from PIL import Image

from data_pipelines.media import pictures
from data_pipelines.media.containers import open_container
from data_pipelines.media.picture_depths import FORMATS


class Kind(enum.Enum):
  """What a file is."""

  PICTURE = 'picture'
  VIDEO = 'video'  # an animated picture, too
  SOUND = 'sound'
  OTHER = 'other'


_MOVING = ('GIF', 'WEBP', 'PNG', 'AVIF')  # an MPO holds views, a TIFF pages
_HEIF = (b'heic', b'heix', b'heim', b'heis', b'mif1')  # Pillow cannot read it

# How files begin that may hold pictures, sound or both.
_SHARED = (
  (4, b'ftyp'), (4, b'moov'), (4, b'mdat'), (4, b'wide'), (4, b'free'),
  (0, b'\x1aE\xdf\xa3'),  # Matroska, WebM
  (0, b'OggS'),
  (0, b'0&\xb2u\x8ef\xcf\x11'),  # ASF: wmv, wma
  (0, b'.RMF'), (0, b'FLV\x01'), (8, b'AVI '),
  (0, b'\x00\x00\x01\xba'),  # MPEG program stream
  (0, b'\x06\x0e+4\x02\x05\x01\x01'),  # MXF
)  # fmt: skip
_VIDEO = (
  (0, b'YUV4MPEG2'), (0, b'DKIF'),  # raw, IVF
  (0, b'\x00\x00\x01\xb3'), (0, b'\x00\x00\x01\xb0'),  # MPEG-1, -2, -4
  (0, b'\x00\x00\x00\x01'), (0, b'\x00\x00\x01g'),  # H.264, H.265
)  # fmt: skip
_SOUND = (
  (0, b'ID3'), (0, b'\xff\xfb'), (0, b'\xff\xf3'), (0, b'\xff\xf2'),  # mp3
  (0, b'\xff\xf1'), (0, b'\xff\xf9'),  # aac
  (8, b'WAVE'), (0, b'fLaC'), (8, b'AIFF'), (8, b'AIFC'), (0, b'MThd'),
  (0, b'#!AMR'), (4, b'ftypM4A'), (4, b'ftypM4B'), (0, b'caff'), (0, b'MAC '),
)  # fmt: skip
_PACKETS = ((188, 0), (192, 4), (204, 0))  # of transport streams; where 'G' is
_HEAD = 1024  # bytes that are looked at

_NAMES = {
  Kind.PICTURE: 'png jpg jpeg jpe jfif pjpeg pjp webp bmp dib tif tiff gif avif'
  ' heic heif jp2 j2k ppm pgm pnm apng mpo',
  Kind.VIDEO: 'mp4 m4v mov qt avi divx mkv webm mpg mpeg mpe m1v m2v vob ts mts'
  ' m2ts m2t wmv asf flv f4v 3gp 3g2 ogv ogm rm rmvb mxf dv y4m ivf h264 264'
  ' h265 265 hevc mjpeg mjpg nut wtv',
  Kind.SOUND: 'mp3 wav m4a m4b aac flac ogg oga opus wma aif aiff aifc amr ac3'
  ' caf mid midi ape mka au',
}
_KIND_OF_NAME = {
  f'.{suffix}': kind
  for kind, suffixes in _NAMES.items()
  for suffix in suffixes.split()
}


def kind_of(path: pathlib.Path) -> Kind:
  """What a file is; a link is what it leads to.

  It costs a few kilobytes to be read. Only of files whose name and first bytes
  do not agree is more looked at.
  """
  named = kind_of_name(path)
  try:
    with open(path, 'rb') as file:
      head = file.read(_HEAD)
  except OSError:
    return named
  if _begins(head, _SOUND):
    return Kind.SOUND
  if _begins(head, _VIDEO) or _is_transport_stream(head):
    return Kind.VIDEO if named is Kind.OTHER else _look_inside(path, Kind.VIDEO)
  if head[4:8] == b'ftyp' and head[8:12] in _HEIF:
    return Kind.PICTURE
  if (picture := _still_at_once(head) or _picture_kind(path)) is not None:
    return picture
  if not _begins(head, _SHARED):
    return named
  return named if named is Kind.VIDEO else _look_inside(path, Kind.VIDEO)


def kind_of_name(path: pathlib.Path) -> Kind:
  """What a name says of a file, or of a folder that is called like one."""
  return _KIND_OF_NAME.get(path.suffix.lower(), Kind.OTHER)


def is_known_name(suffix: str) -> bool:
  """Whether files of pictures, videos or sound are called so: '.mp4'."""
  return suffix in _KIND_OF_NAME


def is_animation(path: pathlib.Path) -> bool:
  """Whether it is a picture that moves: a GIF, WebP, PNG or AVIF of frames."""
  return _picture_kind(path) is Kind.VIDEO


def _begins(head: bytes, signs: tuple[tuple[int, bytes], ...]) -> bool:
  return any(head[at : at + len(sign)] == sign for at, sign in signs)


def _is_transport_stream(head: bytes) -> bool:
  return any(
    len(head) > 2 * size and set(head[first::size]) == {ord('G')}
    for size, first in _PACKETS
  )


def _still_at_once(head: bytes) -> Kind | None:
  """PICTURE for what the first bytes show to be one that does not move."""
  before_pixels, pixels, _ = head.partition(b'IDAT')
  if (
    head.startswith(b'\xff\xd8\xff')  # JPEG
    or (head.startswith(b'\x89PNG') and pixels and b'acTL' not in before_pixels)
    or (head[8:12] == b'WEBP' and head[12:16] in (b'VP8 ', b'VP8L'))
  ):
    return Kind.PICTURE
  return None


def _picture_kind(path: pathlib.Path) -> Kind | None:
  try:
    with Image.open(path, formats=FORMATS) as picture:
      moves = picture.format in _MOVING and picture.is_animated
  except (*pictures.BROKEN, EOFError):
    return None
  return Kind.VIDEO if moves else Kind.PICTURE


def _look_inside(path: pathlib.Path, otherwise: Kind) -> Kind:
  """By the streams; `otherwise` for a damaged file."""
  try:
    with open_container(path) as container:
      if any(
        not stream.disposition & Disposition.attached_pic
        for stream in container.streams.video
      ):
        return Kind.VIDEO
      return Kind.SOUND if container.streams.audio else otherwise
  except (av.FFmpegError, OSError):
    return otherwise
