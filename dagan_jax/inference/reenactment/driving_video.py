"""A video that drives: opened once, read as often as need be."""

import os
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from data_pipelines.errors.mendable import DataError
from data_pipelines.media import video_reader


class DrivingVideo(video_reader.Video):
  """The frames of a video at a steady rate, so that sound stays with them.

  Iterating gives uint8 (h, w, 3); again: from the first one. A video that
  breaks off ends there, if it holds any frame.

  Attributes:
    path: where it lies.
    probe: what it says of itself.
    broken: why it ended early, once that has been seen.
  """

  def __init__(self, path: str | os.PathLike):
    """Raises DataError: no such file, no video, or no frame that decodes."""
    super().__init__(path)
    self.broken: DataError | None = None

  def __iter__(self) -> Iterator[np.ndarray]:
    return self._until_break(self.rate)

  def spread(self, most: int) -> Iterator[np.ndarray]:
    """About so many frames of all, evenly spread."""
    return self._until_break(
      min(self.rate, most * self.rate / self.probe.frames)
    )

  def _until_break(self, rate: Fraction) -> Iterator[np.ndarray]:
    some = False
    try:
      for frame in self.at(rate):
        yield frame
        some = True
    except DataError as error:
      if not some:
        raise
      self.broken = error
