"""GoHD as a system that animates: portraits and motions in, pictures out.

animator = GohdAnimator.open('workdir')
portrait = animator.prepare(picture)
motion = animator.speak(portrait, 'voice.wav', Acting(seed=3))
for frame in animator.frames(portrait, motion):
  ...
"""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.panels import place_side_by_side
from dagan_jax.geometry.morphable_face import MorphableFace
from dagan_jax.inference.chunks import map_beside
from dagan_jax.inference.face_models import open_face_model
from dagan_jax.inference.gohd.face_motion import FaceMotion
from dagan_jax.inference.gohd.measuring import SIZE, FaceMeter
from dagan_jax.inference.gohd.programs import Programs
from dagan_jax.inference.reenactment.crops import (
  cut_square,
  find_portrait_framing,
)
from dagan_jax.inference.reenactment.driving_motion import check_network
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.reenactment.stream import Finisher
from dagan_jax.models.gohd.face_animator import Portrait
from data_pipelines.faces.framing import Framing, central

PANELS = ('source', 'result')
DEFAULTS = Settings()


class MeasuredPortrait(NamedTuple):
  """A portrait, and what the networks know of it."""

  picture: UInt8[np.ndarray, 'h w 3']
  framing: Framing  # where the square lies
  square: UInt8[np.ndarray, 's s 3']  # as the network sees it
  known: Portrait  # on the device
  measured: Float[np.ndarray, '72']  # expression, pose and gaze
  mask: None = None  # of the person: no background is held still

  @property
  def fine(self) -> np.ndarray:
    """The square in the size of the results, which is the same."""
    return self.square


class GohdAnimator:
  """GoHD's networks, which move portraits; a system that animates.

  Attributes:
    programs: the networks.
    face: the face model in whose terms they measure.
    meter: what measures.
    chunk: how many frames are drawn together.
  """

  def __init__(self, programs: Programs, face: MorphableFace, chunk: int = 4):
    """A short last chunk is filled up, so that programs are compiled once."""
    self.programs, self.face, self.chunk = programs, face, chunk
    self.meter = FaceMeter(programs, face)

  @classmethod
  def open(
    cls, workdir: str, face_model: str | os.PathLike | None = None
  ) -> 'GohdAnimator':
    """The networks of a workdir that `convert` made.

    Args:
      workdir: its path.
      face_model: the Basel Face Model, in whose terms the published networks
        measure; None: the rendered people's takes its place.

    Raises:
      UsageError: there is no such workdir, it lacks a network that everybody
        needs, or the face model cannot be read.
    """
    return cls(Programs.open(workdir), open_face_model(face_model))

  def check(self, settings: Settings) -> None:
    """Raises UsageError for what this system does not do."""
    size = self.programs.size
    others = [panel for panel in settings.panels if panel not in PANELS]
    if others:
      raise UsageError(
        f'no panel {", ".join(others)}: this network shows {", ".join(PANELS)}'
      )
    if settings.size not in (0, size):
      raise UsageError(
        f'size={settings.size}: this network draws {size} pixels alone;'
        ' --paste_back puts them into the whole portrait'
      )
    if settings.background != 'moving':
      raise UsageError(
        f'background={settings.background}: this network tells nothing of the'
        ' background that it draws; leave the flag out'
      )
    if settings.precision not in (None, 'float32'):
      raise UsageError(
        f'precision={settings.precision}: this network computes in float32'
      )

  def prepare(
    self,
    picture: UInt8[np.ndarray, 'h w 3'],
    settings: Settings = DEFAULTS,
    *,
    name: str = 'the portrait',
    **changes: Any,
  ) -> MeasuredPortrait:
    """Prepares a portrait, once for all motions that it is to have.

    Args:
      picture: of any size.
      settings: `crop`, and those that this system does not know.
      name: for messages.
      **changes: settings by name.

    Raises:
      DataError: no face is found, or what finds landmarks is missing.
      UsageError: a setting means nothing, or not to this system.
    """
    settings = settings.change(**changes)
    self.check(settings)
    framing = find_portrait_framing(picture, settings.crop, name)
    larger = cut_square(picture, framing, SIZE)
    measured = self.meter.measure_portrait(larger, name)
    square = cut_square(picture, framing, self.programs.size)
    known = self.programs.look(square[None])
    return MeasuredPortrait(
      picture, framing or central(picture), square, known, measured
    )

  def frames(
    self,
    portrait: MeasuredPortrait,
    motion: FaceMotion,
    settings: Settings = DEFAULTS,
    **changes: Any,
  ) -> Iterator[UInt8[np.ndarray, 'h w 3']]:
    """The portrait, moved: one picture for each frame of a motion.

    Memory does not grow with the motion. Mistakes are told at once, before the
    first frame is asked for.

    Args:
      portrait: what `prepare` made.
      motion: how it moves.
      settings: `strength`, `smooth`, `grid`, `paste_back`, `debug_identity`.
      **changes: settings by name.

    Raises:
      UsageError: a setting means nothing, or not to this system, or the motion
        is of other measures.
    """
    settings = settings.change(**changes)
    self.check(settings)
    check_network(motion.network, self.programs.digest, 'the motion')
    motion = motion.smooth(settings.smooth)
    motion = motion.weaken(portrait.measured, settings.strength)
    return _compose(self._draw(portrait, motion, settings), portrait, settings)

  def _draw(
    self, portrait: MeasuredPortrait, motion: FaceMotion, settings: Settings
  ) -> Iterator[UInt8[np.ndarray, 'n s s 3']]:
    """The pictures of chunks."""

    def draw(chunk: tuple[np.ndarray, int]) -> np.ndarray:
      windows, count = chunk
      if settings.debug_identity:
        shape = count, *portrait.square.shape
        return np.broadcast_to(portrait.square, shape)
      return np.asarray(self.programs.draw(portrait.known, windows))[:count]

    windows = motion.windows(self.chunk, self.programs.channels)
    return map_beside(draw, windows)


def _compose(
  drawn: Iterator[np.ndarray],
  portrait: MeasuredPortrait,
  settings: Settings,
) -> Iterator[np.ndarray]:
  """The results, with the portrait beside them if that is asked for."""
  finisher = Finisher(portrait, settings.paste_back)
  size = len(portrait.square)
  for pictures in drawn:
    for result in finisher.finish(pictures):
      shown = {'source': portrait.square, 'result': result}
      row = [shown[name] for name in settings.panels]
      yield row[0] if len(row) == 1 else place_side_by_side(row, size)
