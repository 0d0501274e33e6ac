"""A film that drives: opened once, read as often as need be."""

import os
import pathlib
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from data_pipelines import timed_frames, video
from data_pipelines.constant_rate import at_rate
from data_pipelines.errors import DataError


class DrivingFilm:
  """The frames of a film at a steady rate, so that sound stays with them.

  Iterating gives uint8 (h, w, 3); again: from the first one. A film that breaks
  off ends there, if it holds any frame.

  Attributes:
    path: where it lies.
    probe: what it says of itself.
    broken: why it ended early, once that has been seen.
  """

  def __init__(self, path: str | os.PathLike):
    """Raises DataError: no such file, no film, or no frame that decodes."""
    self.path = pathlib.Path(path)
    self.probe = video.probe(path)
    self.broken: DataError | None = None

  @property
  def rate(self) -> Fraction:
    """Frames per second."""
    return self.probe.rate

  def __iter__(self) -> Iterator[np.ndarray]:
    return self._read(self.rate)

  def spread(self, most: int) -> Iterator[np.ndarray]:
    """About so many frames of all, evenly spread."""
    return self._read(min(self.rate, most * self.rate / self.probe.frames))

  def _read(self, rate: Fraction) -> Iterator[np.ndarray]:
    some = False
    try:
      for pixels in at_rate(timed_frames.timed(self.path, threads=0), rate):
        yield pixels()
        some = True
    except DataError as error:
      if not some:
        raise
      self.broken = error
