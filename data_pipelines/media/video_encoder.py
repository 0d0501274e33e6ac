"""Encodes frames into a video file with libav: mp4, gif or webp."""

import contextlib
import os
import pathlib
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from data_pipelines.media import sound
from data_pipelines.provenance import comments
from data_pipelines.provenance.origin import Origin

BT709 = 1  # libav's number for matrix, primaries and transfer alike
LIMITED = 1  # luma from 16 to 235, as players expect


class VideoEncoder:
  """A video file in the making; its suffix is one of ENCODINGS.

  Every method may raise OSError or av.FFmpegError: the disk is full, or the
  place has gone.
  """

  def __init__(
    self,
    path: pathlib.Path,
    rate: Fraction,
    crf: int,
    sound_path: str | os.PathLike | None,
    origin: Origin,
  ):
    """Opens what is needed; see VideoWriter for the arguments."""
    self._path = path
    codec, self._prepare, options = ENCODINGS[path.suffix.lower()]
    options = {k: v.format(crf=crf) for k, v in options.items()}
    self._container = av.open(
      str(path), 'w', container_options=MUXING.get(codec, {})
    )
    self._rate = rate.limit_denominator(100_000)
    self._stream = self._container.add_stream(
      codec, self._rate, options=options
    )
    self._count = 0
    is_mp4 = codec == 'libx264'
    self._sound, self._origin, self._is_mp4 = None, origin, is_mp4
    if sound_path is not None and is_mp4:
      self._sound = sound.open_sound(sound_path, self._container)
    if origin.comment is not None and is_mp4:
      self._container.metadata['comment'] = origin.comment

  def write(self, frame: np.ndarray) -> None:
    """Appends a frame, uint8 (h, w, 3) in RGB."""
    image = self._prepare(frame)
    if not self._count:
      self._stream.width, self._stream.height = image.width, image.height
      self._stream.pix_fmt = image.format.name
      if image.format.name == 'yuv420p':
        context = self._stream.codec_context
        context.colorspace = context.color_primaries = BT709
        context.color_trc, context.color_range = BT709, LIMITED
    image.pts = self._count
    self._mux(self._stream.encode(image))
    self._count += 1

  def close(self) -> None:
    """Finishes the file."""
    self._mux(self._stream.encode())
    if self._sound:
      self._sound.finish(self._count / self._rate)
    self._container.close()
    if self._origin.comment and not self._is_mp4:
      comments.add_comment(self._path, self._origin.comment)
    self._origin.seal(self._path)

  def abandon(self) -> None:
    """Lets go of the file, whatever state it is in."""
    if self._sound:
      self._sound.close()
    # The file is removed next: what it lacks does not matter.
    with contextlib.suppress(av.FFmpegError, OSError):
      self._container.close()

  def _mux(self, packets: list[av.Packet]) -> None:
    for packet in packets:
      self._container.mux(packet)
      if self._sound:  # side by side, or libav would hoard what is ahead
        self._sound.write(packet.dts * packet.time_base)


def _yuv420p(frame: np.ndarray) -> av.VideoFrame:
  height, width = frame.shape[:2]
  if height % 2 or width % 2:
    odd = (0, height % 2), (0, width % 2), (0, 0)
    frame = np.pad(frame, odd, mode='edge')
  return av.VideoFrame.from_ndarray(frame, format='rgb24').reformat(
    format='yuv420p',
    dst_colorspace=Colorspace.ITU709,
    dst_color_range=ColorRange.MPEG,
  )


def _pal8(frame: np.ndarray) -> av.VideoFrame:
  picture = Image.fromarray(frame).quantize(256)
  colours = np.reshape(picture.getpalette('RGB'), (-1, 3))
  palette = np.full((256, 4), 255, np.uint8)  # alpha, red, green, blue
  palette[: len(colours), 1:] = colours
  return av.VideoFrame.from_ndarray(
    (np.asarray(picture), palette), format='pal8'
  )


def _bgra(frame: np.ndarray) -> av.VideoFrame:
  image = av.VideoFrame.from_ndarray(frame, format='rgb24')
  return image.reformat(format='bgra')


# Suffix: libav's encoder, what makes its frames, its options. With threads that
# share a frame, PyAV's default, 2 make an mp4 4 % larger, 16 make it 10 %.
ENCODINGS = {
  '.mp4': ('libx264', _yuv420p, {'crf': '{crf}', 'thread_type': 'frame'}),
  '.gif': ('gif', _pal8, {}),
  '.webp': ('libwebp_anim', _bgra, {'quality': '90'}),
}
MUXING = {
  # An mp4's index goes first, so that browsers play it while it loads; its
  # clock ticks finely enough for the sound to start in time.
  'libx264': {'movflags': 'faststart', 'movie_timescale': '90000'},
  'libwebp_anim': {'loop': '0'},
}
