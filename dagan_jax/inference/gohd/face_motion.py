"""How a face moves, in the terms of GoHD: 72 numbers for each frame."""

import dataclasses
import os
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from dagan_jax.console.errors import UsageError
from dagan_jax.inference.chunks import fill_chunks
from dagan_jax.inference.reenactment.driving_motion import (
  check_network,
  explain_damage,
  read_floats,
  read_saved_rate,
)
from dagan_jax.inference.reenactment.smoothing import OneEuro
from dagan_jax.models.gohd.face_animator import WINDOW
from dagan_jax.weights.files.archives import read_npz
from data_pipelines.errors.whole_files import write_whole

# The order in which GoHD's animator takes its numbers.
EXPRESSION, POSE, GAZE = slice(0, 64), slice(64, 70), slice(70, 72)
ANGLES = slice(64, 67)  # of the pose; the rest is the shift
_FORMAT = 1


@dataclasses.dataclass(frozen=True, eq=False)
class FaceMotion:
  """Expression, pose and gaze of every frame; a `Motion`.

  Numbers mean something only beside what measures a face in them.
  """

  values: Float[np.ndarray, 't 72']  # see EXPRESSION, POSE and GAZE
  rate: Fraction  # frames per second
  network: str  # a digest, see `Programs.digest`

  @property
  def count(self) -> int:
    """How many frames there are."""
    return len(self.values)

  def smooth(self, cutoff: float) -> 'FaceMotion':
    """The motion without trembling, see `smoothing.Smoother`."""
    if not cutoff:
      return self
    one_euro = OneEuro(self.values[0], cutoff)
    values = one_euro.filter(self.values, float(self.rate))
    return dataclasses.replace(self, values=values)

  def weaken(
    self, rest: Float[np.ndarray, '72'], strength: float
  ) -> 'FaceMotion':
    """The motion in part: 0 leaves the face at `rest`, 1 changes nothing."""
    if strength == 1:
      return self
    values = np.float32(rest + strength * (self.values - rest))
    return dataclasses.replace(self, values=values)

  def windows(
    self, size: int, channels: int
  ) -> Iterator[tuple[Float[np.ndarray, 'n 27 m'], int]]:
    """What is seen around each frame, `size` frames at a time.

    At the ends the first and the last frame go on. The second of each pair is
    how many are the motion's: copies of the last one fill up the last chunk.

    Args:
      size: of the chunks.
      channels: how many of the numbers are taken.
    """
    around = np.arange(WINDOW) - WINDOW // 2
    for numbers, count in fill_chunks(range(self.count), size):
      frames = np.array(numbers)[:, None] + around
      frames = np.clip(frames, 0, self.count - 1)
      yield self.values[frames, :channels], count

  def save(self, path: str | os.PathLike) -> None:
    """Writes a .npz file.

    Raises:
      UsageError: the place cannot be written.
    """
    with write_whole(path, UsageError) as partial, open(partial, 'wb') as file:
      np.savez(
        file,
        format=_FORMAT,
        face_motion=self.values,
        rate=[self.rate.numerator, self.rate.denominator],
        network=self.network,
      )


def load_motion(path: str | os.PathLike, network: str) -> FaceMotion:
  """Reads what `FaceMotion.save` wrote, and nothing else.

  Raises:
    UsageError: it is no such file, damaged, or of other measures.
  """
  with explain_damage(path):
    fields = read_npz(os.fspath(path), texts=True)
    if int(fields['format']) != _FORMAT:
      raise UsageError(f'{path}: a motion of a newer version; update dagan_jax')
    values = read_floats(fields['face_motion'])
    if values.ndim != 2 or values.shape[1] != GAZE.stop or not len(values):
      raise ValueError(f'{values.shape} numbers')
    motion = FaceMotion(
      values, read_saved_rate(fields['rate']), str(fields['network'])
    )
  check_network(motion.network, network, str(path))
  return motion
