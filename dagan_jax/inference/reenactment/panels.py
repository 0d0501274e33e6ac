"""What a video can show side by side: the result, and what led to it."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np

from dagan_jax.console.errors import UsageError
from dagan_jax.drawing import (
  colours,
  reenactment,
)
from dagan_jax.geometry.keypoints import Keypoints
from dagan_jax.models.dagan.reenactor import (
  Face,
  Reenactor,
  Rendering,
)

_OF_VIDEO = ('driving', 'depth', 'keypoints')
_OF_NETWORK = ('flow', 'occlusion', 'attention')
TRACKS = ('source', *_OF_VIDEO, *_OF_NETWORK, 'result')


class Chunk(NamedTuple):
  """Some frames on their way; what no track asks for is None."""

  count: int  # of them; what is beyond fills up
  keypoints: Keypoints  # that drive
  made: jax.Array | np.ndarray  # uint8 'n s s 3'
  moved: jax.Array | None  # the portrait's mask, 'n s s 1'
  rendering: Rendering | None
  driving: np.ndarray | None  # uint8 'n s s 3'
  face: Face | None  # the driving one


def check_tracks(
  tracks: Sequence[str], reenactor: Reenactor | None = None
) -> None:
  """Raises UsageError for tracks that there are not, or not of a network."""
  if not tracks:
    raise UsageError(f'no track is named; choose from {", ".join(TRACKS)}')
  for name in tracks:
    if name not in TRACKS:
      raise UsageError(f'{name!r} is no track; choose from {", ".join(TRACKS)}')
    if list(tracks).count(name) > 1:
      raise UsageError(f'the track {name} is named twice')
  if reenactor is None:
    return
  if 'depth' in tracks and reenactor.depth is None:
    raise UsageError('no track depth: this network finds no depth')
  if 'attention' in tracks and reenactor.generator.fusion == 'none':
    raise UsageError('no track attention: this network has none (fusion=none)')


def need_video(tracks: Sequence[str]) -> list[str]:
  """Those that show driving frames."""
  return [name for name in tracks if name in _OF_VIDEO]


def need_look(tracks: Sequence[str]) -> bool:
  """Whether some show what happens in the network."""
  return any(name in _OF_NETWORK for name in tracks)


class Tracks:
  """Draws the tracks of one video; depth in the colours of its first frame."""

  def __init__(self, names: Sequence[str], source: np.ndarray):
    """Some of TRACKS; the portrait's square, uint8 (s, s, 3)."""
    self._names, self._source = names, source
    self._colour_map = None

  def draw(self, chunk: Chunk) -> dict[str, np.ndarray]:
    """Pictures uint8 'n _ _ 3' by name, of all but the result."""
    return {
      name: self._drawn(name, chunk) for name in self._names if name != 'result'
    }

  def _drawn(self, name: str, chunk: Chunk) -> np.ndarray:
    match name:
      case 'source':
        return np.broadcast_to(self._source, (chunk.count, *self._source.shape))
      case 'driving':
        return chunk.driving
      case 'keypoints':
        points = np.asarray(chunk.keypoints.value)
        return reenactment.draw_keypoints(chunk.driving, points)
      case 'depth':
        return self._colours(np.asarray(chunk.face.disparity))
      case 'flow':
        return reenactment.draw_flow(chunk.rendering.motion)
      case 'occlusion':
        return reenactment.draw_occlusion(chunk.rendering.motion)
    layers = [x for x in chunk.rendering.layers if x.attention is not None]
    return reenactment.draw_attention(layers[-1])

  def _colours(self, disparity: np.ndarray) -> np.ndarray:
    if self._colour_map is None:
      self._colour_map = colours.steady_colour_map(disparity[0])
    return self._colour_map(disparity)
