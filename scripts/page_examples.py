"""Renders what the page offers to try: people who do not exist, and a voice.

`python scripts/page_examples.py` writes them to dagan_jax/app/web/examples. It
needs the programs espeak-ng and flite, which speak.
"""

import pathlib
import sys
from fractions import Fraction

import av
import numpy as np
from PIL import Image

from dagan_jax.console import log
from dagan_jax.inference.voice.heard import hear_voice
from dagan_jax.inference.voice.performing import act
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.errors.mendable import exit_code
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.media.waveform import RATE
from data_pipelines.speech.programs import Manner
from data_pipelines.speech.synthesis import speak
from data_pipelines.synthetic import rendered_faces
from data_pipelines.synthetic.acting import ActedVideo

FOLDER = pathlib.Path('dagan_jax/app/web/examples')
SITTER, ACTOR = 1_000_012, 1_000_002  # people of the held-out split
PORTRAIT, DRIVING = 384, 256  # pixels
TEXT = 'Nobody ever said this, for the two of us are only made of numbers.'
MANNER = Manner('flite', 'slt')


def main() -> None:
  """Writes the voice, who speaks it, and the portrait; prints where."""
  log.quiet()
  FOLDER.mkdir(parents=True, exist_ok=True)
  voice = FOLDER / 'voice.m4a'
  write_sound(voice, speak(TEXT, MANNER).wave)
  acting = Acting()
  performance = act(hear_voice(voice, acting), acting)
  driving = FOLDER / 'driving.mp4'
  with VideoWriter(driving, Fraction(25), crf=23, sound=voice) as video:
    for frame in ActedVideo(performance, DRIVING, ACTOR):
      video.write(frame)
  portrait = FOLDER / 'portrait.jpg'
  image = rendered_faces.image(SITTER, 0.0, PORTRAIT)
  Image.fromarray(image).save(portrait, quality=88)
  for path in (voice, driving, portrait):
    print(path)


def write_sound(path: pathlib.Path, wave: np.ndarray) -> None:
  """Writes float32 (n,), 16 000 samples a second, as AAC."""
  with av.open(str(path), 'w') as container:
    stream = container.add_stream('aac', RATE, bit_rate=48_000, layout='mono')
    frame = av.AudioFrame.from_ndarray(wave[None], 'fltp', 'mono')
    frame.sample_rate = RATE
    container.mux(stream.encode(frame))
    container.mux(stream.encode())


if __name__ == '__main__':
  sys.exit(exit_code(main))
