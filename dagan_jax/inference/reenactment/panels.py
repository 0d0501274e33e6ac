"""What a video can show side by side: the result, and what led to it."""

from collections.abc import Sequence

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
PANELS = ('source', *_OF_VIDEO, *_OF_NETWORK, 'result')


def check_panels(names: Sequence[str]) -> None:
  """Raises UsageError for names that are none of PANELS, or come twice."""
  for name in names:
    if name not in PANELS:
      raise UsageError(f'{name!r} is no panel; choose from {", ".join(PANELS)}')
    if list(names).count(name) > 1:
      raise UsageError(f'the panel {name} is named twice')


def check_network_shows(names: Sequence[str], reenactor: Reenactor) -> None:
  """Raises UsageError for panels of what a network does not have."""
  if 'depth' in names and reenactor.depth is None:
    raise UsageError('no panel depth: this network finds no depth')
  if 'attention' in names and reenactor.generator.fusion == 'none':
    raise UsageError('no panel attention: this network has none (fusion=none)')


def select_video_panels(names: Sequence[str]) -> list[str]:
  """Those that show driving frames."""
  return [name for name in names if name in _OF_VIDEO]


def show_network(names: Sequence[str]) -> bool:
  """Whether some show what happens inside of the network."""
  return any(name in _OF_NETWORK for name in names)


class PanelPainter:
  """Draws the panels of one video, except for the result.

  Depth has the colours of its range in the first frame, for all of the video:
  with a range for each frame, colours would flicker.
  """

  def __init__(self, names: Sequence[str], source: np.ndarray):
    """Some of PANELS; the portrait's square, uint8 (s, s, 3)."""
    self._names, self._source = names, source
    self._colour_map = None

  def draw(
    self,
    keypoints: Keypoints,
    squares: np.ndarray | None,
    face: Face | None,
    rendering: Rendering | None,
  ) -> dict[str, np.ndarray]:
    """Pictures uint8 'n _ _ 3' by name.

    Args:
      keypoints: of n driving frames.
      squares: the driving frames, uint8 'n s s 3'; None: no panel shows them.
      face: what is found in them; None: no panel shows depth.
      rendering: None: no panel shows what happens inside of the network.
    """
    pictures = {}
    for name in self._names:
      match name:
        case 'source':
          shape = len(keypoints.value), *self._source.shape
          pictures[name] = np.broadcast_to(self._source, shape)
        case 'driving':
          pictures[name] = squares
        case 'keypoints':
          points = np.asarray(keypoints.value)
          pictures[name] = reenactment.draw_keypoints(squares, points)
        case 'depth':
          pictures[name] = self._draw_depth(np.asarray(face.disparity))
        case 'flow':
          pictures[name] = reenactment.draw_flow(rendering.motion)
        case 'occlusion':
          pictures[name] = reenactment.draw_occlusion(rendering.motion)
        case 'attention':
          layers = [x for x in rendering.layers if x.attention is not None]
          pictures[name] = reenactment.draw_attention(layers[-1])
    return pictures

  def _draw_depth(self, disparity: np.ndarray) -> np.ndarray:
    if self._colour_map is None:
      self._colour_map = colours.steady_colour_map(disparity[0])
    return self._colour_map(disparity)
