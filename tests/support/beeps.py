"""Videos and sound files that beep at a known time."""

from fractions import Fraction

import av
import numpy as np

HERTZ = 48000
BEEP = 0.5  # seconds after the first picture


def record(path, codec='aac', *, picture=2.0, sound=2.0, start=0.0):
  """A video of `picture` seconds, 0: none, with sound from `start` to `sound`.

  Its pictures begin a second after its clock. It beeps at BEEP.
  """
  with av.open(str(path), 'w') as video:
    packets = []
    if picture:
      pictures = video.add_stream('mpeg4', 25, width=32, height=32)
      for index in range(round(25 * picture)):
        frame = av.VideoFrame(32, 32, 'yuv420p')
        frame.pts, frame.time_base = index + 25, Fraction(1, 25)
        packets += pictures.encode(frame)
      packets += pictures.encode()
    audio = video.add_stream(codec, HERTZ)
    audio.layout = 'stereo'
    time = start + np.arange(round((sound - start) * HERTZ)) / HERTZ
    rng = np.random.default_rng(0)
    wave = rng.normal(0, 0.001, len(time)) + np.where(
      time > BEEP, 0.5 * np.sin(3000 * time), 0
    )
    for begin in range(0, len(wave), 1000):
      samples = wave[None, begin : begin + 1000].repeat(2, 0)
      frame = av.AudioFrame.from_ndarray(
        samples.astype(np.float32), format='fltp', layout='stereo'
      )
      frame.sample_rate, frame.time_base = HERTZ, Fraction(1, HERTZ)
      frame.pts = round((start + bool(picture)) * HERTZ) + begin
      packets += audio.encode(frame)
    packets += audio.encode()
    for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
      video.mux(packet)
  return path
