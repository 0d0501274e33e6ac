"""Moves two portraits as a rendered actor moves: `make demo`.

The model is the one that the package brings along; nothing is downloaded. The
photograph is NASA's portrait of the astronaut Eileen Collins, in the public
domain, as scikit-image carries it. The other two people are rendered; nothing
was trained on them.
"""

import pathlib
import sys
from fractions import Fraction

import numpy as np
from PIL import Image

from dagan_jax.app.origins import describe_origin
from dagan_jax.console import log, progress
from dagan_jax.drawing import panels, sheets
from dagan_jax.inference import compile_cache, memory
from dagan_jax.inference.reenactment.animator import Animator
from data_pipelines.errors.mendable import DataError, exit_code
from data_pipelines.media import pictures
from data_pipelines.media.video_reader import SteadyVideo
from data_pipelines.media.video_writer import VideoWriter
from data_pipelines.synthetic import rendered_faces

FOLDER = pathlib.Path('runs/demo')
SITTER, ACTOR = 1_000_012, 1_000_002  # people of the held-out split
SECONDS, RATE, SIZE = 3, 25, 320
HEAD = 100, 0, 360, 260  # left, top, right, bottom: of the photograph's 512
SHOWN = 6  # moments on the sheet
GIF_EVERY, GIF_HEIGHT = 3, 160


def main() -> None:
  """Writes the portraits, the actor and the video of both, and prints where."""
  log.quiet()
  compile_cache.keep()
  memory.keep_freed_memory()
  print('Two portraits, and an actor who says nothing: the video has no sound.')
  sources = write_portraits(FOLDER)
  actor = write_actor(FOLDER / 'actor.mp4')
  print('\nMoving both as he moves:')
  animator = Animator.open()
  motion = animator.watch(actor, crop_driving='none')
  portraits = [
    animator.prepare(source, crop='none', size=SIZE) for source in sources
  ]
  videos = [animator.frames(portrait, motion) for portrait in portraits]
  with progress.bar(motion.count, unit='frame') as bar:
    moments = []
    for row in zip(actor, *videos, strict=True):
      moments.append(row)
      bar.update()
  write_video(FOLDER / 'demo.mp4', moments, Fraction(RATE), SIZE)
  few, rate = moments[::GIF_EVERY], Fraction(RATE, GIF_EVERY)
  write_video(FOLDER / 'demo.gif', few, rate, GIF_HEIGHT)
  write_sheet(FOLDER / 'demo.png', sources, moments)
  print(
    '\nYour own: python -m dagan_jax.animate --source=me.jpg'
    ' --driving=film.mp4 --output=out.mp4'
  )


def write_portraits(folder: pathlib.Path) -> list[np.ndarray]:
  """A photograph's head and a rendered one, also as files.

  Raises:
    DataError: scikit-image, which carries the photograph, is not installed.
  """
  try:
    from skimage import data
  except ImportError:
    raise DataError(
      "the photograph needs scikit-image: pip install '.[demo]'"
    ) from None
  photograph = np.asarray(Image.fromarray(data.astronaut()).crop(HEAD))
  rendered = rendered_faces.image(SITTER, 0.0, SIZE)
  for name, picture in {'photograph': photograph, 'rendered': rendered}.items():
    pictures.write_picture(folder / f'{name}.png', picture)
    print(folder / f'{name}.png')
  return [photograph, rendered]


def write_actor(path: pathlib.Path) -> SteadyVideo:
  """The video of a rendered person who moves."""
  with VideoWriter(path, Fraction(RATE)) as video:
    for frame in range(round(SECONDS * RATE)):
      video.write(rendered_faces.image(ACTOR, frame / RATE, SIZE))
  print(path)
  return SteadyVideo(path)


def write_video(
  path: pathlib.Path,
  moments: list[tuple[np.ndarray, ...]],
  rate: Fraction,
  height: int,
) -> None:
  """The actor and both portraits, side by side."""
  with VideoWriter(path, rate, origin=describe_origin()) as video:
    for moment in moments:
      video.write(panels.place_side_by_side(moment, height))
  print(path)


def write_sheet(
  path: pathlib.Path,
  sources: list[np.ndarray],
  moments: list[tuple[np.ndarray, ...]],
) -> None:
  """Some moments of the video, each portrait before its row."""
  numbers = np.linspace(0, len(moments) - 1, SHOWN).round().astype(int)
  nothing = np.full_like(moments[0][0], 255)
  rows = {}
  for row, (label, first) in enumerate(
    {'actor': nothing, 'photo': sources[0], 'rendered': sources[1]}.items()
  ):
    shown = [first, *(moments[number][row] for number in numbers)]
    rows[label] = np.stack(
      [panels.scale_to_height(picture, GIF_HEIGHT) for picture in shown]
    )
  pictures.write_picture(
    path, sheets.contact_sheet(rows), origin=describe_origin()
  )
  print(path)


if __name__ == '__main__':
  sys.exit(exit_code(main))
