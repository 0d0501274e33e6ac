"""The head that everybody shares: one mesh, its shapes and its expressions.

The numbers are MakeHuman's, in the public domain (CC0); HEAD_DATA_LICENSE.txt
says more, and `scripts/make_head_data.py` makes the file. Lengths are
canonical millimetres: those of the mesh before any shape, x to the image's
right, y down, z away from the camera, origin at the eyes' height between them
and the ears.
"""

import functools
import pathlib
from typing import NamedTuple

import numpy as np

FILE = pathlib.Path(__file__).parent / 'head_data.npz'
STEP = 0.01  # mm of one unit of the coarse shapes
SKIN, CAVE, RIGHT_EYE, LEFT_EYE, UPPER_TEETH, LOWER_TEETH, TONGUE = range(7)

# Apple's names of 52 expressions, in alphabetical order; `Frame.expression`
# has their weights in this order.
EXPRESSIONS = (
  'browDownLeft', 'browDownRight', 'browInnerUp', 'browOuterUpLeft',
  'browOuterUpRight', 'cheekPuff', 'cheekSquintLeft', 'cheekSquintRight',
  'eyeBlinkLeft', 'eyeBlinkRight', 'eyeLookDownLeft', 'eyeLookDownRight',
  'eyeLookInLeft', 'eyeLookInRight', 'eyeLookOutLeft', 'eyeLookOutRight',
  'eyeLookUpLeft', 'eyeLookUpRight', 'eyeSquintLeft', 'eyeSquintRight',
  'eyeWideLeft', 'eyeWideRight', 'jawForward', 'jawLeft', 'jawOpen',
  'jawRight', 'mouthClose', 'mouthDimpleLeft', 'mouthDimpleRight',
  'mouthFrownLeft', 'mouthFrownRight', 'mouthFunnel', 'mouthLeft',
  'mouthLowerDownLeft', 'mouthLowerDownRight', 'mouthPressLeft',
  'mouthPressRight', 'mouthPucker', 'mouthRight', 'mouthRollLower',
  'mouthRollUpper', 'mouthShrugLower', 'mouthShrugUpper', 'mouthSmileLeft',
  'mouthSmileRight', 'mouthStretchLeft', 'mouthStretchRight',
  'mouthUpperUpLeft', 'mouthUpperUpRight', 'noseSneerLeft', 'noseSneerRight',
  'tongueOut',
)  # fmt: skip


class Moves(NamedTuple):
  """How a target at full strength moves some of the vertices."""

  vertices: np.ndarray  # (n,)
  by: np.ndarray  # (n, 3) mm


class Anatomy(NamedTuple):
  """The shared head; quads run clockwise, seen from outside."""

  base: np.ndarray  # (v, 3) mm
  quads: np.ndarray  # (q, 4)
  parts: np.ndarray  # (q,) SKIN and so on
  visibility: np.ndarray  # (v, 9) of the world, spherical harmonics
  landmarks: np.ndarray  # (68,) vertices, iBUG's order
  skull_corners: np.ndarray  # (r, c, 3) vertices around rays from the middle
  skull_weights: np.ndarray  # (r, c, 3)
  coarse: dict[str, np.ndarray]  # (v, 3) mm: origin, sex and age; weight
  details: dict[str, tuple[Moves, Moves]]  # at -1 and at 1
  expressions: tuple[Moves, ...]  # in the order of EXPRESSIONS


def _moves(data, kind: str) -> list[Moves]:
  starts, vertices = data[f'{kind}_starts'], data[f'{kind}_vertices']
  steps, scales = data[f'{kind}_steps'], data[f'{kind}_scales']
  return [
    Moves(vertices[a:b].astype(np.intp), steps[a:b] * float(scale))
    for a, b, scale in zip(starts[:-1], starts[1:], scales, strict=True)
  ]


@functools.cache
def anatomy() -> Anatomy:
  """Reads the file, once."""
  with np.load(FILE) as file:
    data = {name: file[name] for name in file.files}
  details = _moves(data, 'detail')
  quads = data['quads'].astype(np.intp)
  eyes = np.unique(quads[np.isin(data['parts'], (RIGHT_EYE, LEFT_EYE))])
  expressions = []
  for moves in _moves(data, 'expression'):
    # Gaze turns the eyeballs; the expressions' share in it is dropped.
    keep = ~np.isin(moves.vertices, eyes)
    expressions.append(Moves(moves.vertices[keep], moves.by[keep]))
  return Anatomy(
    base=data['base'].astype(float),
    quads=quads,
    parts=data['parts'],
    visibility=data['visibility'] / 30.0,
    landmarks=data['landmarks'].astype(np.intp),
    skull_corners=data['skull_corners'].astype(np.intp),
    skull_weights=data['skull_weights'].astype(float),
    coarse=dict(
      zip(data['coarse_names'].tolist(), data['coarse'] * STEP, strict=True)
    ),
    details=dict(
      zip(
        data['detail_names'].tolist(),
        zip(details[::2], details[1::2], strict=True),
        strict=True,
      )
    ),
    expressions=tuple(expressions),
  )
