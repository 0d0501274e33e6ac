"""One portrait moved by one video: frames on their way through the network."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.drawing.panels import place_side_by_side
from dagan_jax.geometry.keypoints import Keypoints, hull_area
from dagan_jax.inference.chunks import chunks
from dagan_jax.inference.reenactment.driving_motion import DrivingMotion
from dagan_jax.inference.reenactment.panels import (
  Chunk,
  Tracks,
  need_look,
  need_video,
)
from dagan_jax.inference.reenactment.portraits import Portrait
from dagan_jax.inference.reenactment.programs import (
  Beginning,
  Programs,
)
from dagan_jax.models.dagan.reenactor import SourceFeatures
from data_pipelines.compositing.paste_back import PasteBack
from data_pipelines.compositing.still_background import StillBackground

Item = TypeVar('Item')


def animated(
  programs: Programs,
  size: int,
  portrait: Portrait,
  driving: DrivingMotion,
  beginning: Beginning | None,
  strength: float,
  *,
  tracks: Sequence[str],
  paste_back: bool,
  debug_identity: bool,
) -> Iterator[np.ndarray]:
  """What the tracks show of each frame; see `Animator.animate`.

  Args:
    programs: the network.
    size: how many frames go through it together.
    portrait: made ready.
    driving: smoothed already.
    beginning: see `Programs.render`.
    strength: see `Programs.render`.
    tracks: those that can be shown.
    paste_back: whether the result is the whole portrait.
    debug_identity: whether the portrait stands still.
  """
  tracks = tuple(tracks)
  drawn = Tracks(tracks, portrait.square)
  finish = _finish(portrait, paste_back)
  height = programs.size + programs.size % 2
  for chunk in one_behind(
    _under_way(
      programs,
      size,
      portrait,
      driving,
      beginning,
      strength,
      tracks,
      debug_identity,
    )
  ):
    rows = drawn.draw(chunk)
    if 'result' in tracks:
      rows['result'] = finish(chunk)
    frames = zip(*(rows[name] for name in tracks), strict=False)
    for shown in itertools.islice(frames, chunk.count):
      if tracks == ('result',):
        yield shown[0]
      else:
        yield place_side_by_side(shown, height)


def beginning_from(source: SourceFeatures, start: Keypoints) -> Beginning:
  """What relative motion starts from: a frame's keypoints 'k 2', and a scale.

  The scale turns the driver's movements into those of a face of the portrait's
  size.
  """
  initial = jax.tree.map(lambda x: x[None], start)
  ours, theirs = (hull_area(k.value[0]) for k in (source.keypoints, initial))
  return initial, (ours / theirs) ** 0.5 if ours and theirs else 1.0


def given(keypoints: Keypoints, size: int) -> Iterator[tuple[Keypoints, int]]:
  """Known keypoints in chunks of one size, and how many of each count."""
  for some in chunks(range(len(keypoints.value)), size):
    filled = np.array(some + [some[-1]] * (size - len(some)))
    yield jax.tree.map(lambda x, i=filled: x[i], keypoints), len(some)


def one_behind(items: Iterable[Item]) -> Iterator[Item]:
  """Each item once the next one is under way: the device is never idle."""
  for item, _ in itertools.pairwise(itertools.chain(items, [None])):
    yield item


def _under_way(
  programs, size, portrait, driving, beginning, strength, tracks, debug_identity
) -> Iterator[Chunk]:
  """Chunks of all that the tracks need, still being computed."""
  carried = None if portrait.mask is None else portrait.mask[None]
  squares = iter(driving.frames) if need_video(tracks) else None
  for keypoints, count in given(driving.keypoints, size):
    asked = portrait.features, keypoints, beginning, strength
    made = moved = rendering = seen = face = None
    if debug_identity:
      made = np.broadcast_to(portrait.square, (size, *portrait.square.shape))
    if ('result' in tracks and not debug_identity) or need_look(tracks):
      inside = need_look(tracks)
      rendered = programs.render(*asked, carried, inside)
      rendering = rendered.rendering
      if not debug_identity:
        made, moved = rendered.pictures, rendered.carried
    if squares is not None:
      seen = list(itertools.islice(squares, count))
      if len(seen) < count:
        raise UsageError('the video has become shorter since it was watched')
      seen = np.stack(seen + [seen[-1]] * (size - count))
    if 'depth' in tracks:
      face = programs.analyse(seen)
    yield Chunk(count, keypoints, made, moved, rendering, seen, face)


def _finish(
  portrait: Portrait, paste_back: bool
) -> Callable[[Chunk], Iterator[np.ndarray]]:
  """What makes results of the network's pictures."""
  still = paste = None
  if portrait.mask is not None:
    still = StillBackground(portrait.square, portrait.mask)
  if paste_back:
    size = len(portrait.square)
    paste = PasteBack(portrait.picture, portrait.framing, size)

  def finish(chunk):
    frames = iter(np.asarray(chunk.made))
    if chunk.moved is not None:
      frames = map(still, frames, np.asarray(chunk.moved))
    return map(paste, frames) if paste else frames

  return finish
