"""What drives portraits, as everything outside of a network sees it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Motion(Protocol):
  """How something moves: for the network that made it, and no other one.

  A network makes it of a video, a file that was saved or a stream of frames,
  and turns it into frames of a portrait. What it holds only that network knows.

  Attributes:
    count: how many frames it gives; None as long as nobody knows.
    rate: frames per second.
    network: a digest of the network that it belongs to.
  """

  count: int | None
  rate: Fraction
  network: str


@runtime_checkable
class DrawsPortraits(Protocol):
  """A system that moves portraits, wherever motions come from.

  What it prepares of a portrait, only the system itself knows.
  """

  def prepare(self, picture: np.ndarray, settings: Any, *, name: str) -> Any:
    """Prepares a portrait, uint8 (h, w, 3), once for all motions."""

  def frames(
    self, portrait: Any, motion: Any, settings: Any
  ) -> Iterator[np.ndarray]:
    """The prepared portrait, moved: uint8 (h, w, 3) for each frame."""


@runtime_checkable
class MovesPortraits(DrawsPortraits, Protocol):
  """A system that animates, as `app` sees it; `Animator` is one."""

  def watch(self, frames: Any, settings: Any, *, name: str, progress: Any):
    """The Motion of a video."""

  def follow(self, frames: Any, settings: Any, *, name: str):
    """The Motion of frames that are still to come."""

  def load_motion(self, path: str):
    """The Motion of a file that was saved."""
