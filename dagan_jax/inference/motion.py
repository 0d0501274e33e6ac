"""What drives portraits, as everything outside of a network sees it."""

from fractions import Fraction
from typing import Protocol, runtime_checkable


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
