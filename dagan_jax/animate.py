"""Moves a portrait as a film moves.

`python -m dagan_jax.animate --workdir=W --source=portrait.png
--driving=clip.mp4 --output=out.mp4` from the shell; `Animator` from Python:

    animator = Animator.open('runs/dagan')
    for frame in animator.frames(portrait, driving):
      ...
"""

import argparse
import itertools
import pathlib
import sys
from collections.abc import Iterator

import jax
import numpy as np
from absl import logging

from dagan_jax import drawing, screen
from dagan_jax.animator import MOTIONS, Animator, MotionKind
from dagan_jax.crops import film_framing, framed, portrait_framing
from dagan_jax.driving_motion import (
  SUFFIX,
  DrivingMotion,
  load_motion,
  nearest_frame,
  save_motion,
  smoothed,
)
from dagan_jax.errors import UsageError, exit_code
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.outputs import check_outputs
from dagan_jax.samples import Samples
from data_pipelines import pictures, video
from data_pipelines.errors import DataError
from data_pipelines.framing import Framing, central
from data_pipelines.paste_back import PasteBack

SHOWN = 8  # driving frames in a contact sheet
# From the portrait's pose, see `nearest_frame`: of 25 frames of somebody else
# the best was 0.05 to 0.12 away in 30 pairs of rendered people, the worst 0.19.
FAR = 0.15


def animate(
  workdir: str,
  source: str,
  driving: str,
  output: str,
  motion: MotionKind = 'relative',
  start: str = 'best',
  strength: float = 1.0,
  smooth: float = 0.0,
  save_motion_as: str | None = None,
  contact_sheet: str | None = None,
  crop: str = 'auto',
  crop_driving: str = 'auto',
  paste_back: bool = False,
  debug_identity: bool = False,
) -> None:
  """From files to a file: what the command line does with its flags.

  Prints every path written.

  Raises:
    UsageError: the workdir holds no network that animates, or a flag is wrong.
    DataError: portrait or film cannot be read, or the output not written. Of a
      film that breaks off, what came before the break is written and kept.
    KeyboardInterrupt: Ctrl-C; what was made by then is written and kept.
  """
  whole = pictures.read_picture(source)
  known = pathlib.Path(driving).suffix.lower() == SUFFIX
  if known and contact_sheet:
    raise UsageError('a contact sheet shows driving frames: give the film')
  film = None if known else video.read(driving)
  if smooth < 0 or strength < 0:
    raise UsageError('--smooth and --strength are 0 or more')
  check_outputs([output, save_motion_as], [source, driving], contact_sheet)
  framing = portrait_framing(whole, crop, source)
  animator = Animator.open(workdir)
  portrait = framed(whole, framing, animator.size)
  shown, broken = Samples(SHOWN), None
  if known:
    driven = load_motion(driving, animator.network)
  else:
    seen = film_framing(film, crop_driving)
    driven, broken = _watch(animator, film, seen, shown)
  if save_motion_as:
    save_motion(save_motion_as, driven)
    print(save_motion_as)
  if smooth:
    driven = smoothed(driven, smooth)
  settings = {'motion': motion, 'strength': strength}
  if motion == 'relative':
    settings['start'] = _start(animator, portrait, driven, start)
  made = animator.frames(portrait, driven.keypoints, **settings)
  if debug_identity:
    still = pictures.square(portrait, animator.size)
    made = itertools.repeat(still, len(driven.keypoints.value))
  if contact_sheet:
    made = _kept(made, shown)
  if paste_back:
    framing = framing or central(whole)
    made = map(PasteBack(whole, framing, animator.size), made)
  interrupted = _write(output, made, driven)
  print(output)
  if interrupted:
    logging.warning('%s ends where it was stopped', output)
    raise KeyboardInterrupt
  if contact_sheet:
    _write_sheet(contact_sheet, animator, portrait, shown.items, settings)
    print(contact_sheet)
  if broken:
    raise DataError(f'{broken}; {output} ends there')


def _watch(
  animator: Animator,
  film: video.Film,
  framing: Framing | None,
  shown: Samples,
) -> tuple[DrivingMotion, DataError | None]:
  """A film's motion, and what broke it off; `shown` gets (number, frame)."""
  broken = None

  def frames():
    nonlocal broken
    try:
      for number, frame in enumerate(film):
        frame = framed(frame, framing, animator.size)
        shown.add((number, frame))
        yield frame
    except DataError as error:
      broken = error

  with screen.bar(film.probe.frames, unit='frame watched') as bar:
    found = []
    for keypoints in animator.keypoints(frames()):
      found.append(keypoints)
      bar.update()
  if not found:
    raise broken
  keypoints = jax.tree.map(lambda *x: np.stack(x), *found)
  return DrivingMotion(keypoints, film.rate, animator.network), broken


def _start(
  animator: Animator, portrait: np.ndarray, driven: DrivingMotion, start: str
) -> Keypoints:
  """Keypoints of the frame that relative motion starts from."""
  count = len(driven.keypoints.value)
  if start == 'best':
    (own,) = animator.keypoints([portrait])
    number, distance = nearest_frame(own, driven.keypoints)
    logging.info(
      'motion starts from frame %d of %d, which is posed most like the'
      ' portrait: %.2f of the size of the face apart',
      number,
      count,
      distance,
    )
    if distance > FAR:
      logging.warning(
        'no frame is posed like the portrait: expect a twisted face; drive with'
        ' a film that begins like it, or try --motion=absolute'
      )
  else:
    number = 0 if start == 'first' else int(start)
    if number >= count:
      raise UsageError(f'--start={start}: the film has {count} frames, from 0')
  return jax.tree.map(lambda x: x[number], driven.keypoints)


def _kept(made: Iterator[np.ndarray], shown: Samples) -> Iterator[np.ndarray]:
  """Passes frames on, and puts those that are shown beside the driving ones."""
  places = {number: place for place, (number, _) in enumerate(shown.items)}
  for number, result in enumerate(made):
    if number in places:
      place = places[number]
      shown.items[place] = (*shown.items[place], result)
    yield result


def _write(
  output: str, made: Iterator[np.ndarray], driven: DrivingMotion
) -> bool:
  """Writes the film; whether Ctrl-C ended it early."""
  count, written = len(driven.keypoints.value), 0
  with (
    screen.bar(count, unit='frame') as bar,
    video.FilmWriter(output, driven.rate) as writer,
  ):
    try:
      for result in made:
        writer.write(result)
        written += 1
        bar.update()
    except KeyboardInterrupt:
      if not written:
        raise
  return written < count


def _write_sheet(path, animator, portrait, samples, settings) -> None:
  """Source, driving, result, and what led to it, one row each."""
  _, frames, results = zip(*samples, strict=True)
  rows = animator.inside(portrait, frames, **settings)
  rows['result'] = np.stack(results)
  del rows['prediction']  # the same, frame by frame
  rows['source'] = rows['source'][:1]
  order = ['source', 'driving', 'result', *rows]
  sheet = {name: rows[name] for name in order}
  pictures.write_picture(path, drawing.contact_sheet(sheet))


def _start_flag(text: str) -> str:
  if text in ('best', 'first') or text.isdecimal():
    return text
  raise argparse.ArgumentTypeError(f'{text!r}: best, first or a number from 0')


def main() -> None:
  """Parses the command line."""
  parser = argparse.ArgumentParser(
    prog='python -m dagan_jax.animate',
    description='Moves a portrait as a film moves.',
  )
  add = parser.add_argument
  add('--workdir', required=True, help='a trained or converted network')
  add('--source', required=True, help='the portrait: a picture of any size')
  add(
    '--driving',
    required=True,
    help='the film to move like: a video, a gif, a folder of frames, a picture,'
    ' or a motion that --save_motion wrote (.npz)',
  )
  add(
    '--output',
    required=True,
    help='.mp4, .gif or .webp; a name without suffix: a folder of PNG frames',
  )
  add(
    '--motion',
    choices=MOTIONS,
    default='relative',
    help="relative: add to the portrait's pose what changes from a driving "
    'frame posed alike (default); absolute: take the driving pose as it is',
  )
  add(
    '--start',
    type=_start_flag,
    default='best',
    help='the driving frame that relative motion starts from: the one posed '
    'most like the portrait (best, default), the first, or a number from 0',
  )
  add(
    '--strength',
    type=float,
    default=1.0,
    help='how much of the motion is taken: 0 nothing, 1 all (default)',
  )
  add(
    '--smooth',
    type=float,
    default=0.0,
    help='hertz: damp what trembles faster, 1 strongly, 3 gently (default: 0, '
    'not at all)',
  )
  add(
    '--save_motion',
    dest='save_motion_as',
    help='keep the motion (.npz), to drive other portraits without the film',
  )
  add(
    '--contact_sheet',
    help='a PNG of source, driving, result and how it came about, to look at',
  )
  add(
    '--crop',
    default='auto',
    help='the part of the portrait that moves: the largest face (auto, '
    'default; needs the extra [eval]), the central square (none), or x,y,w,h',
  )
  add(
    '--crop_driving',
    default='auto',
    help='the part of the film that drives, likewise; fixed for the whole film',
  )
  add(
    '--paste_back',
    action='store_true',
    help='put the moving part back into the whole portrait',
  )
  add(
    '--debug_identity',
    action='store_true',
    help='show the part of the portrait unmoved, to look at crop and paste',
  )
  flags = parser.parse_args()
  screen.quiet()
  sys.exit(exit_code(lambda: animate(**vars(flags))))


if __name__ == '__main__':
  main()
