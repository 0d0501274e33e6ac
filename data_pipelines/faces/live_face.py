"""Where the largest face of a stream is, by what was seen until now."""

from concurrent.futures import Executor, Future

import numpy as np

from data_pipelines.faces.boxes import Square, clip_square
from data_pipelines.faces.find import Face, FaceFinder
from data_pipelines.faces.follow import Track

_MOVED = 0.5  # shared part of two squares of faces; less is another place


class LiveFace:
  """Looks at some frames of a stream for its largest face.

  Its square stays where it is as long as the face does, so that a head that
  moves within it is seen to move.

  Attributes:
    is_seen: whether the frame that was looked at last shows a face.
    square: of the face; None as long as none was seen.
  """

  def __init__(
    self, finder: FaceFinder, every: int, executor: Executor | None = None
  ):
    """Args:
    finder: finds faces.
    every: one frame in so many is looked at.
    executor: what looks, while frames go on and what it sees is known a little
      later, but for the first frame; None: each look is waited for.
    """
    self.is_seen, self.square = False, None
    self._finder, self._every, self._executor = finder, every, executor
    self._count = 0
    self._look: Future[list[Face]] | None = None

  def see(self, frame: np.ndarray) -> None:
    """Takes the next frame, uint8 (h, w, 3)."""
    is_due = self._count % self._every == 0
    is_first = self._count == 0
    self._count += 1
    if self._executor is None or is_first:
      if is_due:
        self._learn(self._finder.find(frame))
      return
    if self._look is not None and self._look.done():
      self._learn(self._look.result())
      self._look = None
    if is_due and self._look is None:
      self._look = self._executor.submit(self._finder.find, frame)

  def _learn(self, faces: list[Face]) -> None:
    self.is_seen = bool(faces)
    if not faces:
      return
    square: Square = clip_square(Track(0, (faces[0],)))
    if self.square is None or self.square.overlap(square) < _MOVED:
      self.square = square
