"""Measures how portraits speak: lips against the voice, and what it costs.

    python scripts/measure_speaking.py --portraits a.png b.jpg --audio x.wav \
      --sheets sheets

For every portrait and sound: how well the parting of lips, of the rendered
driver and of the result, goes with the loudness of the voice and with the
driver's parting (correlation over the frames), how far lips part at most while
there is a voice and while there is none (shares of the distance of the outer
corners of the eyes), and the processor seconds of each part for a second of
sound. Lips are found by MediaPipe or dlib.

With --workdir of GoHD's networks: the processor seconds of each network, of
hearing, drawing and writing, for a second of sound, once all is compiled.
"""

import argparse
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction

import jax
import numpy as np

from dagan_jax.app.origins import describe_origin
from dagan_jax.drawing.panels import place_side_by_side
from dagan_jax.inference.gohd import sampling
from dagan_jax.inference.gohd.animator import GohdAnimator
from dagan_jax.inference.gohd.face_motion import FaceMotion
from dagan_jax.inference.gohd.programs import holds_gohd
from dagan_jax.inference.gohd.speaking import hear_expressions
from dagan_jax.inference.reenactment.animator import Animator
from dagan_jax.inference.voice.bridge import watch_performance
from dagan_jax.inference.voice.heard import hear_voice
from dagan_jax.inference.voice.performing import act
from dagan_jax.inference.voice.settings import Acting
from dagan_jax.models.gohd.diffusion import STEPS
from data_pipelines.errors.mendable import exit_code
from data_pipelines.faces.landmarks import LandmarkDetector
from data_pipelines.media import pictures
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.media.voice import FRAME_RATE, read_voice
from data_pipelines.synthetic.lip_sync import move_lips

SHOWN = 10  # frames of a sheet


class Stopwatch:
  """Processor seconds of parts, for each second of sound."""

  def __init__(self, seconds: float):
    self._seconds, self._last = seconds, time.process_time()

  def split(self) -> float:
    """Those since the last call."""
    last, self._last = self._last, time.process_time()
    return (self._last - last) / self._seconds


def find_gap(detector: LandmarkDetector, picture: np.ndarray) -> float:
  """How far inner lips are apart, in distances of the eyes' outer corners."""
  marks = detector.find(np.ascontiguousarray(picture))
  if marks is None:
    return np.nan
  apart, eyes = marks[62] - marks[66], marks[36] - marks[45]
  return float(np.linalg.norm(apart) / np.linalg.norm(eyes))


def correlate(gaps: np.ndarray, level: np.ndarray) -> float:
  seen = np.isfinite(gaps) & np.isfinite(level)
  if gaps[seen].std() == 0:
    return 0.0
  return float(np.corrcoef(gaps[seen], level[seen])[0, 1])


def measure(animator, detector, audio, portraits, size, sheets) -> None:
  """Prints a line for each portrait; `sheets`: the folder of contact sheets."""
  begin = time.process_time()
  acting = Acting()
  heard = hear_voice(audio, acting)
  seconds = heard.count / FRAME_RATE
  hearing = (time.process_time() - begin) / seconds
  watch = Stopwatch(seconds)
  performance = act(heard, acting)
  acted = watch.split()
  motion = watch_performance(animator, performance)
  watched = watch.split()
  drivers = list(motion.frames)
  rendered = watch.split()
  spoken = move_lips(heard.articulation).any(1)
  print(f'{audio}: hear {hearing:.3f}, act {acted:.3f}, render {rendered:.3f},'
        f' render and watch {watched:.3f}')  # fmt: skip
  led = np.array(
    [find_gap(detector, x.repeat(2, 0).repeat(2, 1)) for x in drivers]
  )
  print(describe('driver', led, led, heard, spoken))
  for path in portraits:
    portrait = animator.prepare(pictures.read_picture(path), size=size)
    watch.split()
    frames = list(animator.frames(portrait, motion))
    drawn = watch.split()
    lips = np.array([find_gap(detector, frame) for frame in frames])
    print(describe(pathlib.Path(path).name, lips, led, heard, spoken),
          f'draw {drawn:.2f}', flush=True)  # fmt: skip
    numbers = np.linspace(0, len(frames) - 1, SHOWN).astype(int)
    rows = [np.concatenate([
        pictures.square(drivers[n], size), pictures.square(frames[n], size)
    ]) for n in numbers]  # fmt: skip
    name = f'{pathlib.Path(audio).stem}_{pathlib.Path(path).stem}.png'
    pictures.write_picture(sheets / name, place_side_by_side(rows, 2 * size))


def describe(name, lips, led, heard, spoken) -> str:
  level = heard.articulation.level * spoken
  voiced, silent = (np.nanmax(lips[x], initial=0) for x in (spoken, ~spoken))
  return (
    f'  {name:16} correlation {correlate(lips, level):.2f}, with the driver'
    f' {correlate(lips, led):.2f}, parts at most {voiced:.3f} while speaking,'
    f' {silent:.3f} in silence;'
  )


def measure_gohd(workdir: str, audio: str, portrait: str) -> None:
  """Prints what each part of GoHD costs for a second of sound."""
  animator = GohdAnimator.open(workdir)
  programs, voice = animator.programs, read_voice(audio)
  seconds = voice.frames / FRAME_RATE
  picture = pictures.read_picture(portrait)
  known = animator.prepare(picture)
  still = FaceMotion(
    np.tile(known.measured, (2 * animator.chunk, 1)),
    Fraction(FRAME_RATE),
    programs.digest,
  )
  frames = list(animator.frames(known, still))
  for name, part, share in (
    ('hear', lambda: read_voice(audio), seconds),
    ('measure the portrait, once', lambda: animator.prepare(picture), 1),
    (
      'expression',
      lambda: hear_expressions(
        programs, animator.face, voice, known.measured, jax.random.key(0)
      ),
      seconds,
    ),
    *(
      (name, find_noise(programs, name), fresh_seconds() / STEPS)
      for name in ('pose', 'gaze')
      if programs.has(name)
    ),
    (
      'draw',
      lambda: list(animator.frames(known, still)),
      len(frames) / FRAME_RATE,
    ),
    ('mark and write', lambda: write(frames), len(frames) / FRAME_RATE),
  ):
    part()
    begin = time.process_time()
    part()
    print(f'{name}: {(time.process_time() - begin) / share:.2f}', flush=True)


def fresh_seconds() -> float:
  """Of what a window of poses adds to those before."""
  return (sampling.LENGTH - sampling.OVERLAP) / FRAME_RATE


def find_noise(programs, name: str) -> Callable[[], jax.Array]:
  """One of the steps in which a window of poses or gazes is made."""
  denoiser, variables = programs.network(name)
  shape = 1, sampling.LENGTH, denoiser.channels
  given = (
    np.zeros(shape),
    np.zeros((*shape[:2], 320)),
    np.zeros((1, 1, shape[2])),
  )
  given = [x.astype(np.float32) for x in given]
  step = jax.jit(denoiser.apply)
  return lambda: step(
    variables, *given, np.zeros(1, np.int32)
  ).block_until_ready()


def write(frames: list[np.ndarray]) -> None:
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / 'video.mp4'
    with VideoWriter(path, FRAME_RATE, origin=describe_origin()) as video:
      for frame in frames:
        video.write(frame)


def main() -> None:
  """Parses the command line.

  Raises:
    UsageError: there is no such network.
    DataError: a portrait or a sound cannot be read, or a sheet not written.
  """
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--workdir', help='default: the model of the package')
  parser.add_argument('--portraits', nargs='+', required=True)
  parser.add_argument('--audio', nargs='+', required=True)
  parser.add_argument('--size', type=int, default=256)
  parser.add_argument('--sheets', type=pathlib.Path, default='sheets')
  flags = parser.parse_args()
  if holds_gohd(flags.workdir):
    measure_gohd(flags.workdir, flags.audio[0], flags.portraits[0])
    return
  animator, detector = Animator.open(flags.workdir), LandmarkDetector()
  for audio in flags.audio:
    measure(
      animator, detector, audio, flags.portraits, flags.size, flags.sheets
    )


if __name__ == '__main__':
  sys.exit(exit_code(main))
