"""Whether a file that was sent is what it is given for, and within limits.

Only the readers of `data_pipelines` open it, and what it claims is asked before
it is decoded.
"""

import pathlib
import zipfile

from dagan_jax.app.web.limits import Limits
from data_pipelines.errors.mendable import DataError
from data_pipelines.media import pictures
from data_pipelines.media.file_kinds import (
  Kind,
  is_animation,
  is_known_name,
  kind_of,
)
from data_pipelines.media.sound_source import SoundSource
from data_pipelines.media.video_reader import SteadyVideo

KINDS = ('picture', 'video', 'sound', 'either')
MOTION = '.npz'


def choose_suffix(name: str, head: bytes) -> str:
  """The end of the name that a file gets here: a known one, or none.

  Args:
    name: what the visitor calls it; nothing else of it is used.
    head: its first bytes.
  """
  if head.startswith(b'PK\x03\x04'):
    return MOTION
  suffix = pathlib.PurePath(name).suffix.lower()
  return suffix if is_known_name(suffix) else ''


def check_file(path: pathlib.Path, kind: str, limits: Limits) -> None:
  """Raises DataError or UsageError for what a job does not take.

  Args:
    path: where it lies.
    kind: one of KINDS; 'either' is a picture or a video.
    limits: that hold.
  """
  _check_bytes(path, limits)
  match kind:
    case 'picture':
      check_picture(path, limits)
    case 'sound':
      check_sound(path, limits)
    case _ if path.suffix == MOTION and kind == 'video':
      check_motion(path, limits)
    case _:
      check_video(path, limits)


def check_picture(path: pathlib.Path, limits: Limits) -> None:
  """Raises DataError for what is no picture, or too large a one."""
  _check_pixels(path, *pictures.measure_picture(path), limits)


def check_pasted(path: pathlib.Path, limits: Limits) -> None:
  """Raises DataError for a portrait too large to be a video's frame."""
  width, height = pictures.measure_picture(path)
  most = limits.most_pasted_megapixels
  if width * height > 1e6 * most:
    raise DataError(
      f'{path}: {width} x {height} pixels; with paste_back at most {most:g}'
      ' million are taken, so scale it down'
    )


def check_video(path: pathlib.Path, limits: Limits) -> SteadyVideo:
  """The video; raises DataError for what is none, too large or too long."""
  pictures.check_file(path, 'video')
  if is_animation(path) or kind_of(path) is Kind.PICTURE:
    check_picture(path, limits)
  video = SteadyVideo(path)
  probe = video.probe
  _check_pixels(path, probe.width, probe.height, limits)
  check_length(path, float(probe.frames / probe.rate), limits)
  if probe.frames > limits.most_frames:
    raise DataError(
      f'{path}: {probe.frames} frames; at most {limits.most_frames} are taken'
    )
  return video


def check_sound(path: pathlib.Path, limits: Limits) -> None:
  """Raises DataError for what has no sound, or too long a one."""
  source = SoundSource(path)
  try:
    if source.stream is None:
      raise DataError(
        f'{path}: has no sound that can be decoded; give a wav, an mp3, or a'
        ' video that has sound'
      )
    for packet in source.packets():
      end = (packet.pts + (packet.duration or 0)) * packet.time_base
      check_length(path, float(end - source.origin), limits)
  finally:
    source.close()


def check_motion(path: pathlib.Path, limits: Limits) -> None:
  """Raises DataError where a motion unpacks to more than can be meant.

  The animator's own reader believes no claim either; it tells the rest.
  """
  try:
    with zipfile.ZipFile(path) as archive:
      claimed = sum(member.file_size for member in archive.infolist())
  except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
    raise DataError(
      f'{path}: no motion that was saved, or a damaged one'
    ) from None
  if claimed > limits.most_bytes:
    raise DataError(
      f'{path}: claims to unpack to {claimed / 1e6:.0f} megabytes; at most'
      f' {limits.most_megabytes:g} are taken'
    )


def check_length(path: pathlib.Path, seconds: float, limits: Limits) -> None:
  """Raises DataError for what lasts too long."""
  if seconds > limits.most_seconds + 0.5:
    raise DataError(
      f'{path}: lasts {describe_time(seconds)}; at most'
      f' {describe_time(limits.most_seconds)} are taken, so cut it'
    )


def describe_time(seconds: float) -> str:
  """'8 seconds', '3 minutes', '2.5 hours'."""
  for least, unit, name in ((3600, 3600, 'hours'), (120, 60, 'minutes')):
    if seconds >= least:
      return f'{seconds / unit:.3g} {name}'
  return f'{seconds:.3g} seconds'


def _check_bytes(path: pathlib.Path, limits: Limits) -> None:
  if path.stat().st_size > limits.most_bytes:
    raise DataError(
      f'{path}: more than {limits.most_megabytes:g} megabytes; send a smaller'
      ' file'
    )


def _check_pixels(
  path: pathlib.Path, width: int, height: int, limits: Limits
) -> None:
  if width * height > 1e6 * limits.most_megapixels:
    raise DataError(
      f'{path}: {width} x {height} pixels; at most'
      f' {limits.most_megapixels:g} million are taken, so scale it down'
    )
