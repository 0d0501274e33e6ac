"""The face models at hand: one that everybody may use, and a licensed one."""

import functools
import os

from dagan_jax.geometry.morphable_face import MorphableFace
from dagan_jax.weights.bfm import read_bfm
from data_pipelines.synthetic.head_family import head_family


def open_face_model(bfm: str | os.PathLike | None = None) -> MorphableFace:
  """The model of the rendered people's heads (CC0), or the licensed one.

  Args:
    bfm: where the Basel Face Model lies, see `read_bfm`.

  Raises:
    UsageError: the file cannot be read.
  """
  return read_bfm(bfm) if bfm else rendered_face()


@functools.cache
def rendered_face() -> MorphableFace:
  """The heads of rendered people: public domain, no file to fetch.

  Expressions are the 52 of `anatomy.EXPRESSIONS`: 0 at rest, 1 in full. See
  `head_family`.
  """
  return MorphableFace(*head_family())
