"""One portrait and one film: what drives, and the film that comes of it."""

import itertools
import pathlib
from collections.abc import Iterator
from importlib import metadata
from typing import NamedTuple

import jax
import numpy as np
from absl import logging

from dagan_jax import drawing, screen
from dagan_jax.animator import Animator, MotionKind
from dagan_jax.crops import film_framing, framed, portrait_framing
from dagan_jax.driving_motion import (
  SUFFIX,
  DrivingMotion,
  load_motion,
  nearest_frame,
  smoothed,
)
from dagan_jax.errors import UsageError
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.samples import Samples
from data_pipelines import pictures, video
from data_pipelines.errors import DataError
from data_pipelines.framing import central
from data_pipelines.paste_back import PasteBack

SHOWN = 8  # driving frames in a contact sheet
# From the portrait's pose, see `nearest_frame`: of 25 frames of somebody else
# the best was 0.05 to 0.12 away in 30 pairs of rendered people, the worst 0.19.
FAR = 0.2


class Settings(NamedTuple):
  """How portraits move; the flags of the command have the same names."""

  motion: MotionKind = 'relative'
  start: str = 'best'  # best | first | a frame's number
  strength: float = 1.0
  smooth: float = 0.0  # hertz; 0: not at all
  crop: str = 'auto'  # auto | none | x,y,w,h
  crop_driving: str = 'auto'
  paste_back: bool = False
  debug_identity: bool = False  # the portrait stands still

  def check(self) -> None:
    """Raises UsageError for what no portrait can do."""
    if self.smooth < 0 or self.strength < 0:
      raise UsageError('--smooth and --strength are 0 or more')


class Watched(NamedTuple):
  """What was seen in a driving film."""

  motion: DrivingMotion  # as it was found, not smoothed
  shown: list  # (number, frame) of a few frames
  sound: str | None  # the film, if it may have some
  broken: DataError | None  # why it ends early


def is_motion(driving: str) -> bool:
  """Whether it is keypoints that were saved, not a film."""
  return pathlib.Path(driving).suffix.lower() == SUFFIX


def watch(animator: Animator, driving: str, settings: Settings) -> Watched:
  """The motion of a film, or one that was saved.

  Raises:
    DataError: the film cannot be read, or shows no face.
    UsageError: the motion is another network's, or damaged.
  """
  if is_motion(driving):
    return Watched(load_motion(driving, animator.network), [], None, None)
  # A steady rate, so that pictures and sound stay together.
  film = video.read(driving, rate=video.probe(driving).rate)
  framing = film_framing(film, settings.crop_driving)
  shown, broken = Samples(SHOWN), None

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
  motion = DrivingMotion(keypoints, film.rate, animator.network)
  sound = driving if pathlib.Path(driving).is_file() else None
  return Watched(motion, shown.items, sound, broken)


def perform(
  animator: Animator,
  source: str,
  watched: Watched,
  output: str,
  settings: Settings,
  contact_sheet: str | None = None,
) -> None:
  """Writes the portrait, moved as the film moves; prints every path written.

  Raises:
    DataError: the portrait cannot be read or shows no face, or the output
      cannot be written. Of a film that breaks off, what came before the break
      is written and kept.
    KeyboardInterrupt: Ctrl-C; what was made by then is written and kept.
  """
  whole = pictures.read_picture(source)
  framing = portrait_framing(whole, settings.crop, source)
  portrait = framed(whole, framing, animator.size)
  motion, shown = watched.motion, list(watched.shown)
  if settings.smooth:
    motion = smoothed(motion, settings.smooth)
  kind = {'motion': settings.motion, 'strength': settings.strength}
  if settings.motion == 'relative':
    kind['start'] = _start(animator, portrait, motion, settings.start)
  made = animator.frames(portrait, motion.keypoints, **kind)
  if settings.debug_identity:
    still = pictures.square(portrait, animator.size)
    made = itertools.repeat(still, len(motion.keypoints.value))
  if contact_sheet:
    made = _kept(made, shown)
  if settings.paste_back:
    place = framing or central(whole)
    made = map(PasteBack(whole, place, animator.size), made)
  stopped = _write(output, made, motion, watched.sound)
  print(output)
  if stopped:
    logging.warning('%s ends where it was stopped', output)
    raise KeyboardInterrupt
  if contact_sheet:
    _write_sheet(contact_sheet, animator, portrait, shown, kind)
    print(contact_sheet)
  if watched.broken:
    raise DataError(f'{watched.broken}; {output} ends there')


def provenance() -> str:
  """What every picture and film of ours says in its metadata."""
  version = metadata.version('dagan_jax')
  return f'synthetic: made by dagan_jax {version}, no recording of a person'


def _start(
  animator: Animator, portrait: np.ndarray, motion: DrivingMotion, start: str
) -> Keypoints:
  """Keypoints of the frame that relative motion starts from."""
  count = len(motion.keypoints.value)
  if start == 'best':
    (own,) = animator.keypoints([portrait])
    number, distance = nearest_frame(own, motion.keypoints)
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
  return jax.tree.map(lambda x: x[number], motion.keypoints)


def _kept(made: Iterator[np.ndarray], shown: list) -> Iterator[np.ndarray]:
  """Passes frames on, and puts those that are shown beside the driving ones."""
  places = {number: place for place, (number, _) in enumerate(shown)}
  for number, result in enumerate(made):
    if number in places:
      place = places[number]
      shown[place] = (*shown[place], result)
    yield result


def _write(
  output: str,
  made: Iterator[np.ndarray],
  motion: DrivingMotion,
  sound: str | None,
) -> bool:
  """Writes the film; whether Ctrl-C ended it early."""
  count, written = len(motion.keypoints.value), 0
  with (
    screen.bar(count, unit='frame') as bar,
    video.FilmWriter(
      output, motion.rate, sound=sound, comment=provenance()
    ) as writer,
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


def _write_sheet(path, animator, portrait, shown, kind) -> None:
  """Source, driving, result, and what led to it, one row each."""
  _, frames, results = zip(*shown, strict=True)
  rows = animator.inside(portrait, frames, **kind)
  rows['result'] = np.stack(results)
  del rows['prediction']  # the same, frame by frame
  rows['source'] = rows['source'][:1]
  order = ['source', 'driving', 'result', *rows]
  sheet = {name: rows[name] for name in order}
  pictures.write_picture(
    path, drawing.contact_sheet(sheet), comment=provenance()
  )
