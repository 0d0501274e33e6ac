"""What samplers and the pipeline need to know of a data set."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np


class Clip(NamedTuple):
  """A clip: frames of one face."""

  name: str
  identity: str
  frames: int


class Listed(NamedTuple):
  """A test example: which frames of which clip it shows."""

  clip: str
  frames: tuple[int, ...]
  digest: Callable[[], str]  # of the clip, see `Source.digest`


class Source(Protocol):
  """Clips whose frames can be had in any order; see `sources.SOURCES`.

  Made of (data, split): `data` has the fields of `config.data`, `split` is
  'train' or 'test'. It is pickled once for each worker: names, no pixels.
  """

  clips: tuple[Clip, ...]

  def frames(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns frames of a clip, uint8 (n, size, size, 3)."""

  def truth(self, clip: int, indices: Sequence[int]) -> dict[str, np.ndarray]:
    """Returns what is known of these frames besides their pixels.

    Each array has n in front, for the n frames; nothing is known of a video.
    """

  def digest(self, clip: int) -> str:
    """Returns what tells a clip from others of its name; '': its name does."""

  def landmarks(self, clip: int, indices: Sequence[int]) -> np.ndarray:
    """Returns where the 68 iBUG landmarks of these frames are.

    Returns:
      float32 (n, 68, 2), (x, y) as shares of the picture's sides; NaN where
      they are not known. They may lie outside of the picture.

    Raises:
      DataError: this source never knows any.
    """
