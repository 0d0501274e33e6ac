"""The heads of rendered people as a family: a mean, and what differs and moves.

Public domain, as the mesh is: a face model that everybody may use.
"""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import EXPRESSIONS, anatomy
from data_pipelines.synthetic.head import head, shut_eyes
from data_pipelines.synthetic.traits import traits

IDENTITIES = 80  # coefficients, as many as the Basel Face Model is used with
_PEOPLE = 160  # whose heads are compared
_DECIMETRES = np.array([0.01, -0.01, -0.01])  # of mm, with y down and z away


class HeadFamily(NamedTuple):
  """Decimetres, x to the image's right, y up, z towards the camera; float32.

  The mean of all vertices is the origin.
  """

  mean: np.ndarray  # (v, 3) neutral
  identity: np.ndarray  # (IDENTITIES, v, 3), of one standard deviation
  expression: np.ndarray  # (52, v, 3), in full, of `anatomy.EXPRESSIONS`
  landmarks: np.ndarray  # (68,) vertices, in iBUG's order


@functools.cache
def head_family() -> HeadFamily:
  """The family of many rendered people's heads.

  Identity is the principal components of these. With the expressions in full,
  eyes shut.
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
  return HeadFamily(
    np.float32((mean - middle) * _DECIMETRES),
    np.float32(ways.reshape(-1, *mean.shape) * _DECIMETRES),
    np.float32(expression * _DECIMETRES),
    shared.landmarks,
  )
