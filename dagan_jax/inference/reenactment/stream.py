"""The stream of frames: driving keypoints go in, pictures come out.

Each chunk of driving frames goes through the network once. While chunks are
computed, the one before them is finished and shown.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import jax
import numpy as np

from dagan_jax.drawing.panels import place_side_by_side
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.inference.chunks import map_beside
from dagan_jax.inference.reenactment.driving_motion import (
  DrivingChunk,
  DrivingMotion,
)
from dagan_jax.inference.reenactment.live_motion import LiveMotion
from dagan_jax.inference.reenactment.panels import (
  PanelPainter,
  show_network,
)
from dagan_jax.inference.reenactment.portraits import (
  FramedPortrait,
  Portrait,
)
from dagan_jax.inference.reenactment.programs import Beginning, Programs
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.reenactment.start_frame import begin_from
from dagan_jax.models.dagan.reenactor import Face, Rendering
from data_pipelines.compositing.paste_back import PasteBack
from data_pipelines.compositing.still_background import StillBackground


class RenderedChunk(NamedTuple):
  """What came of some frames; what nobody shows is None."""

  driving: DrivingChunk
  face: Face | None  # what is found in the driving frames
  pictures: jax.Array | np.ndarray | None  # the moved square, uint8 'n S S 3'
  mask: jax.Array | None  # the portrait's, moved likewise, 'n S S 1'
  rendering: Rendering | None  # how the pictures came about


def render_chunks(
  programs: Programs,
  portrait: Portrait,
  motion: DrivingMotion | LiveMotion,
  start: Keypoints | None,
  settings: Settings,
  chunk: int,
  *,
  with_frames: bool = False,
  inside: bool = False,
) -> Iterator[RenderedChunk]:
  """Sends driving frames through the network.

  Args:
    programs: of the network.
    portrait: that is moved.
    motion: that moves it, smoothed.
    start: the keypoints that relative motion starts from, 'k 2'; None: those of
      the first driving frame.
    settings: how it is moved, and what is shown of it.
    chunk: frames that go through the network together.
    with_frames: whether driving frames are shown.
    inside: whether all that led to the pictures is wanted, whatever is shown.
  """
  inside = inside or show_network(settings.panels)
  render = functools.partial(_render, programs, portrait, settings, inside)
  chunks = motion.chunks(chunk, with_frames)
  if settings.motion == 'relative':
    begun = _begin(chunks, portrait, start)
  else:
    begun = ((driving, None) for driving in chunks)
  return map_beside(render, begun, motion.ahead + 1, motion.is_ready)


def _begin(
  chunks: Iterable[DrivingChunk], portrait: Portrait, start: Keypoints | None
) -> Iterator[tuple[DrivingChunk, Beginning]]:
  """Each chunk, and what its relative motion is measured from."""
  beginning = None
  for driving in chunks:
    if driving.begins:
      beginning = start = None
    if beginning is None:
      first = start or jax.tree.map(lambda x: x[0], driving.keypoints)
      beginning = begin_from(portrait.keypoints, first)
    yield driving, beginning


def _render(
  programs: Programs,
  portrait: Portrait,
  settings: Settings,
  inside: bool,
  begun: tuple[DrivingChunk, Beginning | None],
) -> RenderedChunk:
  """What comes of a chunk, whole."""
  driving, beginning = begun
  pictures = mask = rendering = None
  shows_result = 'result' in settings.panels and not settings.debug_identity
  if shows_result or inside:
    made = programs.render(
      portrait.features,
      driving.keypoints,
      beginning,
      settings.strength,
      None if portrait.mask is None else portrait.mask[None],
      inside,
      portrait.fine[None] if portrait.is_finer else None,
    )
    pictures, mask, rendering = jax.block_until_ready(made)
  if settings.debug_identity:
    shape = len(driving.keypoints.value), *portrait.fine.shape
    pictures, mask = np.broadcast_to(portrait.fine, shape), None
  face = driving.face
  if 'depth' in settings.panels and face is None:
    face = jax.block_until_ready(programs.analyse(driving.squares))
  return RenderedChunk(driving, face, pictures, mask, rendering)


def compose_frames(
  chunks: Iterable[RenderedChunk], portrait: Portrait, settings: Settings
) -> Iterator[np.ndarray]:
  """Makes of each driving frame what is shown, uint8 (h, w, 3).

  The result alone keeps its size; beside other panels it is as high as they.
  """
  painter = PanelPainter(settings.panels, portrait.fine)
  finisher = Finisher(portrait, settings.paste_back)
  size = len(portrait.fine)
  for chunk in chunks:
    keypoints, count, squares, *_ = chunk.driving
    shown = painter.draw(keypoints, squares, chunk.face, chunk.rendering)
    if 'result' in settings.panels:
      shown['result'] = finisher.finish(chunk.pictures, chunk.mask)
    rows = zip(*(shown[name] for name in settings.panels), strict=False)
    for row in itertools.islice(rows, count):
      alone = settings.panels == ('result',)
      yield row[0] if alone else place_side_by_side(row, size + size % 2)


class Finisher:
  """Turns the network's pictures into results.

  Holds the background still where that is asked for, and puts the moving part
  back into the whole portrait.
  """

  def __init__(self, portrait: FramedPortrait, paste_back: bool):
    """Prepares what does not depend on the frames."""
    self._still = self._paste = None
    if portrait.mask is not None:
      self._still = StillBackground(portrait.fine, portrait.mask)
    if paste_back:
      size = len(portrait.fine)
      self._paste = PasteBack(portrait.picture, portrait.framing, size)

  def finish(
    self,
    pictures: jax.Array | np.ndarray,
    mask: jax.Array | None = None,
  ) -> Iterator[np.ndarray]:
    """The results of a chunk, uint8 (h, w, 3), one by one.

    Args:
      pictures: the moved squares, uint8 'n S S 3'; they may still be being
        computed.
      mask: the portrait's, moved likewise; None: the background moves.
    """
    frames = iter(np.asarray(pictures))
    if self._still and mask is not None:
      frames = map(self._still, frames, np.asarray(mask))
    return map(self._paste, frames) if self._paste else frames
