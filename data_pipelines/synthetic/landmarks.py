"""The 68 iBUG landmarks as points of the head's grid.

Order, from the image's left to its right unless said otherwise: jaw 0..16,
brows 17..26, nose's bridge 27..30 (downwards) and base 31..35, eyes 36..41
and 42..47 and lips 48..59 (outer) and 60..67 (inner), these clockwise.
"""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.features import closure, lids
from data_pipelines.synthetic.head import Head, layout
from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.person import detail_at, person
from data_pipelines.synthetic.skin import brow, lips
from data_pipelines.synthetic.surface import mix
from data_pipelines.synthetic.traits import Traits

# The jaw's knots and degrees, from an ear to the chin.
JAW = np.array([
  (7.2, -84), (8.1, -84), (9.0, -83), (10.2, -81), (11.6, -78), (13.0, -68),
  (13.6, -46), (13.9, -22), (14.0, 0),
])  # fmt: skip


class Anchors(NamedTuple):
  """(row, column) in the head's grid, (68, 2), with eyes open and shut."""

  open: np.ndarray
  shut: np.ndarray


def _jaw(head: Head, detail: float) -> np.ndarray:
  rows, phi, _ = layout(detail)
  knots = np.concatenate([JAW[:, 0], JAW[-2::-1, 0]])
  angles = np.radians(np.concatenate([JAW[:, 1], -JAW[-2::-1, 1]]))
  row = np.interp(knots, rows, np.arange(len(rows)))
  return np.stack([row, np.interp(angles, phi, np.arange(len(phi)))], -1)


def _brows(who: Traits) -> np.ndarray:
  a = np.array([50.0, 41, 32, 22, 12])
  y = brow(a, who) - 0.4 * who.brow_thick
  left, right = np.stack([-a, y], -1), np.stack([a, y], -1)[::-1]
  return np.concatenate([left, right])


def _nose(who: Traits) -> np.ndarray:
  tip, wide = who.nose_length, who.nose_wide
  x = np.array([0, 0, 0, 0, -13, -6.8, 0, 6.8, 13])
  base = tip + np.array([6, 7.5, 9, 7.5, 6])
  y = np.concatenate([[0, tip / 3, tip / 1.5, tip - 1], base])
  return np.stack([x * np.where(np.arange(9) < 4, 1, wide), y], -1)


def _eyes(who: Traits, blink: float) -> np.ndarray:
  u = np.array([1, 0.4, -0.4, -1, -0.4, 0.4])
  upper, lower = lids(u, who, blink)
  y = who.eye_y + np.where(np.arange(6) < 4, upper, lower)
  x = who.eye_x + who.eye_half * u
  left, right = np.stack([-x, y], -1), np.stack([x, y], -1)
  return np.concatenate([left, right[[3, 2, 1, 0, 5, 4]]])


def _mouth(who: Traits) -> tuple[np.ndarray, np.ndarray]:
  """Where the lips' landmarks are, and the side (-1 upper, 1 lower)."""
  u = np.array([-1, -0.62, -0.2, 0, 0.2, 0.62, 1, 0.6, 0.27, 0, -0.27, -0.6])
  v = np.array([-0.9, -0.35, 0, 0.35, 0.9, 0.35, 0, -0.35])
  x = who.mouth_half * np.concatenate([u, v])
  side = np.array([-1] * 7 + [1] * 5 + [-1] * 5 + [1] * 3)
  top, bottom = lips(x, who)
  y = np.where(side < 0, top, bottom)
  y[[0, 6]] = who.mouth_y
  y[12:] = who.mouth_y
  return np.stack([x, y], -1), side


def _locate(head: Head, target: np.ndarray, side: np.ndarray) -> np.ndarray:
  """(n, 2) grid places of canonical (n, 2) points, above or below the lips."""
  ahead = np.flatnonzero(np.cos(head.phi) > 0.15)
  grid = head.canonical[:, ahead]
  count = len(grid)
  column, height = np.empty((2, count, len(target)))
  for row, line in enumerate(grid):
    column[row] = np.interp(target[:, 0], line[:, 0], ahead)
    height[row] = np.interp(target[:, 0], line[:, 0], line[:, 1])
  places = np.empty((len(target), 2))
  for i, (_, y) in enumerate(target):
    rows = (
      np.arange(head.upper + 1) if side[i] < 0 else np.arange(head.lower, count)
    )
    places[i, 0] = np.interp(y, height[rows, i], rows)
    places[i, 1] = np.interp(places[i, 0], np.arange(count), column[:, i])
  return places


@functools.lru_cache(maxsize=32)
def anchors(index: int, size: int) -> Anchors:
  """Places of an identity's landmarks at one resolution."""
  model = person(index, size)
  who = model.traits
  jaw = _jaw(model.head, detail_at(size))
  mouth, side = _mouth(who)
  side = np.concatenate([np.full(31, -1), side])
  both = []
  for blink in (0.0, 1.0):
    face = np.concatenate([_brows(who), _nose(who), _eyes(who, blink), mouth])
    both.append(np.concatenate([jaw, _locate(model.head, face, side)]))
  return Anchors(*both)


def landmarks(face: np.ndarray, where: Anchors, motion: Motion) -> np.ndarray:
  """The (68, 3) landmarks on a head's grid (r, c, 3)."""
  place = mix(where.open, where.shut, closure(motion))
  low = np.minimum(place.astype(int), np.array(face.shape[:2]) - 2)
  row, column = low.T
  down, right = (place - low).T[..., None]
  above = mix(face[row, column], face[row, column + 1], right)
  below = mix(face[row + 1, column], face[row + 1, column + 1], right)
  return mix(above, below, down)
