"""The face models at hand: one that everybody may use, and a licensed one."""

import functools
import os

import numpy as np

from dagan_jax.geometry.morphable_face import MorphableFace
from dagan_jax.weights.bfm import read_bfm
from data_pipelines.synthetic.anatomy import EXPRESSIONS, anatomy
from data_pipelines.synthetic.head import head, shut_eyes
from data_pipelines.synthetic.traits import traits

IDENTITIES = 80  # coefficients, as many as the Basel Face Model is used with
_PEOPLE = 160  # whose heads are compared
_DECIMETRES = np.array([0.01, -0.01, -0.01])  # of mm, with y down and z away


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

  Expressions are the 52 of `anatomy.EXPRESSIONS`: 0 at rest, 1 in full, with
  which eyes shut. Identity is the principal components of many people's heads,
  in units of standard deviations.
  """
  shared = anatomy()
  people = np.stack([head(traits(n)).position for n in range(_PEOPLE)])
  mean = people.mean(0)
  apart = (people - mean).reshape(_PEOPLE, -1)
  # Of people by people rather than of coordinates: a thousandth of the work.
  _, shares = np.linalg.eigh(apart @ apart.T)
  ways = shares[:, : -IDENTITIES - 1 : -1].T @ apart / np.sqrt(_PEOPLE - 1)
  # A component and its mirror image are equally good: we choose one.
  largest = np.abs(ways).argmax(1)[:, None]
  ways *= np.sign(np.take_along_axis(ways, largest, 1))
  expression = np.zeros((len(EXPRESSIONS), *mean.shape))
  shutting = shut_eyes(mean)
  for number, moves in enumerate(shared.expressions):
    expression[number, moves.vertices] = moves.by * shutting.get(number, 1)
  middle = mean.mean(0)
  return MorphableFace(
    np.float32((mean - middle) * _DECIMETRES),
    np.float32(ways.reshape(-1, *mean.shape) * _DECIMETRES),
    np.float32(expression * _DECIMETRES),
    shared.landmarks,
  )
