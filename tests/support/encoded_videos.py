"""Videos as other programs write them: of greys that tell their number."""

import re
from fractions import Fraction

import av
import numpy as np
from av.stream import Disposition

STEP = 8  # from the grey of a number to that of the next
HERTZ = 48000
_OPTIONS = {
  'libx264': {'crf': '1', 'preset': 'ultrafast', 'g': '250', 'bf': '2'},
  'libvpx': {'crf': '4', 'b': '4M', 'deadline': 'realtime', 'cpu-used': '8'},
}


def grey(number: int, size: int = 32) -> np.ndarray:
  """A picture whose grey is the number's."""
  return np.full((size, size, 3), 10 + STEP * number, np.uint8)


def numbers(frames) -> list[int]:
  """The numbers that frames show in their middles."""
  middles = [f[f.shape[0] // 2, f.shape[1] // 2].mean() for f in frames]
  return [round((middle - 10) / STEP) for middle in middles]


def encode(
  path,
  frames,
  codec='libx264',
  *,
  milliseconds=None,
  begin=0.0,
  sound=False,
  pixel_aspect=1,
  covers=0,
  muxing=None,
  **options,
):
  """Writes a video and returns its path.

  Args:
    path: its suffix decides the format.
    frames: uint8 (h, w, 3) each; a size that changes makes a new key picture.
    codec: of the picture.
    milliseconds: when each frame is shown; None: 25 a second.
    begin: the time of the first frame without `milliseconds`, seconds.
    sound: whether there is a tone, as long as the picture.
    pixel_aspect: of the picture.
    covers: how many single pictures lie before the moving one.
    muxing: the container's options.
    options: the encoder's.
  """
  options = {**_OPTIONS.get(codec, {}), **options}
  base = Fraction(1, 1000)
  with av.open(str(path), 'w', container_options=muxing or {}) as out:
    stills = [out.add_stream('mjpeg', 25) for _ in range(covers)]
    for still in stills:
      still.width = still.height = 256
      still.pix_fmt, still.disposition = (
        'yuvj420p',
        Disposition.attached_pic.value,
      )
    stream = _add_picture(out, codec, frames[0], options)
    stream.codec_context.sample_aspect_ratio = Fraction(pixel_aspect)
    heard = out.add_stream('aac', HERTZ, layout='mono') if sound else None
    packets = []
    for still in stills:
      packets += still.encode(_frame(grey(30, 256), 0, base, 'yuvj420p'))
    encoder, size = stream, frames[0].shape
    for index, picture in enumerate(frames):
      time = round(1000 * begin) + 40 * index
      time = milliseconds[index] if milliseconds is not None else time
      if picture.shape != size:
        packets += encoder.encode()
        encoder, size = _encoder(codec, picture, options), picture.shape
      packets += encoder.encode(_frame(picture, time, base))
    packets += encoder.encode()
    if heard:
      packets += _tone(heard, begin, len(frames) / 25)
    for packet in packets:
      if packet.stream is None:
        packet.stream = stream
    for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
      out.mux(packet)
  return path


def forget_timing(path):
  """Takes length and frame rate out of a Matroska file, as browsers do."""
  data = path.read_bytes()
  data = re.sub(rb'\x44\x89\x88.{8}', b'\xec\x89' + bytes(9), data, flags=re.S)
  data = re.sub(
    rb'\x23\xe3\x83\x84.{4}', b'\xec\x86' + bytes(6), data, flags=re.S
  )
  path.write_bytes(data)
  return path


def _add_picture(out, codec, picture, options):
  stream = out.add_stream(codec, 25, options=options)
  stream.height, stream.width = picture.shape[:2]
  stream.pix_fmt = 'yuv420p'
  stream.codec_context.time_base = Fraction(1, 1000)
  return stream


def _encoder(codec, picture, options):
  """A second encoder for the same stream."""
  encoder = av.CodecContext.create(codec, 'w')
  encoder.height, encoder.width = picture.shape[:2]
  encoder.pix_fmt, encoder.options = 'yuv420p', options
  encoder.time_base, encoder.framerate = Fraction(1, 1000), Fraction(25)
  return encoder


def _frame(picture, time, base, format='yuv420p'):
  frame = av.VideoFrame.from_ndarray(picture, format='rgb24')
  frame = frame.reformat(format=format)
  frame.pts, frame.time_base = time, base
  return frame


def _tone(stream, begin, length):
  packets = []
  wave = 0.5 * np.sin(np.arange(round(length * HERTZ)) / 10)
  for first in range(0, len(wave), 1024):
    samples = wave[None, first : first + 1024].astype(np.float32)
    frame = av.AudioFrame.from_ndarray(samples, 'fltp', 'mono')
    frame.sample_rate, frame.time_base = HERTZ, Fraction(1, HERTZ)
    frame.pts = round(begin * HERTZ) + first
    packets += stream.encode(frame)
  return packets + stream.encode()
