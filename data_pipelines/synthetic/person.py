"""A whole person, ready to be posed: all patches as one mesh, one texture."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import body, hair, hats, skin
from data_pipelines.synthetic.backgrounds import background
from data_pipelines.synthetic.head import Head, head
from data_pipelines.synthetic.raster import Mesh
from data_pipelines.synthetic.stage import Stage, stage
from data_pipelines.synthetic.surface import Patch, normals, unit
from data_pipelines.synthetic.traits import Traits, traits

# Largest picture (px), density of vertices, texels along a vertex step.
LEVELS = ((96, 0.5, 2), (192, 0.66, 2), (384, 1.0, 3), (1 << 30, 1.0, 6))
PLAIN, EYE, MOUTH = 0, 1, 2
STILL = 0.5  # mm; what an expression moves less counts as rigid


class Cells(NamedTuple):
  """What each of t triangles is part of; two of them make a patch's cell."""

  row: np.ndarray  # of its cell in its patch
  column: np.ndarray
  lower: np.ndarray  # the lower left half of its cell, not the upper right
  texel: np.ndarray  # the first of the cell's texels
  stride: np.ndarray  # texels in a row of the patch
  kind: np.ndarray  # PLAIN, EYE or MOUTH
  nonrigid: np.ndarray  # see `Frame.nonrigid`


class Person(NamedTuple):
  """One identity at one resolution.

  The mesh's vertices are the head's grid, then the rest of what turns with
  the head (`fixed`), then the torso. Positions are in metres, normals unit;
  the second two have constant ones in their own frames.
  """

  traits: Traits
  stage: Stage
  wall: np.ndarray  # (size, size, 3) linear light
  head: Head
  fixed: np.ndarray  # (n, 3)
  fixed_normal: np.ndarray
  torso: np.ndarray  # (m, 3)
  torso_normal: np.ndarray
  strand: np.ndarray  # (n, 3) direction of the hair in `fixed`
  hairy: np.ndarray  # (n,) whether there is any
  gloss: np.ndarray  # (v,)
  shades: tuple[tuple[float, ...], ...]  # spheres x, y, z, radius in metres
  mesh: Mesh
  cells: Cells
  texture: np.ndarray  # (texels, 3) linear light
  k: int  # texels along a cell


def detail_at(size: int) -> float:
  """Density of vertices for a picture of size px."""
  return next(detail for limit, detail, _ in LEVELS if size <= limit)


def texels_at(size: int) -> int:
  """Texels along a vertex step for a picture of size px."""
  return next(k for limit, _, k in LEVELS if size <= limit)


def _mesh(patches: list[Patch]) -> Mesh:
  """Triangles of all patches: upper right halves, then lower left ones."""
  corners, first = [], 0
  for patch in patches:
    rows, columns, _ = patch.position.shape
    number = first + np.arange(rows * columns).reshape(rows, columns)
    a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()
    c, d = number[1:, 1:].ravel(), number[1:, :-1].ravel()
    double = np.full(2 * len(a), patch.double)
    both = [np.concatenate(pair) for pair in ((a, c), (b, d), (c, a))]
    corners.append((*both, double))
    first += rows * columns
  return Mesh(*(np.concatenate(each) for each in zip(*corners, strict=True)))


def _cells(patches: list[Patch], k: int, kind, loose) -> Cells:
  """The cells that `_mesh` cuts; kind and loose: (r - 1, c - 1) per patch."""
  parts, first = [], 0
  for patch, paint, moves in zip(patches, kind, loose, strict=True):
    rows, columns, _ = patch.position.shape
    row, column = np.divmod(np.arange((rows - 1) * (columns - 1)), columns - 1)
    stride = (columns - 1) * k
    cell = (
      row,
      column,
      np.zeros_like(row),
      first + row * k * stride + column * k,
      np.full_like(row, stride),
      np.broadcast_to(paint, (rows - 1, columns - 1)).ravel(),
      np.broadcast_to(moves, (rows - 1, columns - 1)).ravel(),
    )
    parts.append(cell)
    parts.append((*cell[:2], np.ones_like(row), *cell[3:]))
    first += patch.albedo.shape[0] * patch.albedo.shape[1]
  row, column, lower, *rest = (
    np.concatenate(each) for each in zip(*parts, strict=True)
  )
  return Cells(row, column, lower.astype(bool), *rest)


def _covered(face: Head, who: Traits) -> np.ndarray:
  """Cells of the head's grid that hair hides for ever: (r - 1, c - 1)."""
  line = hair.hairline(np.degrees(face.phi), who) - 16
  under = face.canonical[..., 1] < line
  if who.hair_style == 'bald':
    return np.zeros(under[1:, 1:].shape, bool)
  return under[:-1, :-1] & under[1:, 1:] & under[:-1, 1:] & under[1:, :-1]


def _kinds(face: Head, person: Traits) -> np.ndarray:
  """What is painted in each cell of the head's grid: (r - 1, c - 1)."""
  x, y = np.abs(face.canonical[..., 0]), face.canonical[..., 1]
  x, y = (x[:-1, :-1] + x[1:, 1:]) / 2, (y[:-1, :-1] + y[1:, 1:]) / 2
  ahead = np.cos(face.phi[:-1]) > 0.3
  eye = np.abs(x - person.eye_x) < person.eye_half + 3
  eye &= (np.abs(y - person.eye_y + 1.5) < 11.5) & ahead
  kind = np.where(eye, EYE, PLAIN)
  kind[face.upper : face.lower] = MOUTH
  return kind


def _moving(face: Head, kind: np.ndarray) -> np.ndarray:
  """Cells of the head's grid that some expression moves: (r - 1, c - 1)."""
  jaw = face.jaw * 27  # mm that the chin moves at most
  moves = jaw**2 + face.brows[..., 1] ** 2
  for field in (face.smile, face.pucker):
    moves = moves + (field**2).sum(-1)
  loose = (moves > STILL**2) | (face.neck > 0)
  loose = loose[:-1, :-1] | loose[1:, 1:] | loose[1:, :-1] | loose[:-1, 1:]
  return loose | (kind != PLAIN)


def _shades(face: Head, who: Traits) -> tuple[tuple[float, ...], ...]:
  """Spheres that throw the shadows of nose and chin, in metres."""
  middle = face.position[:, len(face.phi) // 2]
  spheres = []
  for height, radius, wide in (
    (12, 7, 0),
    (26, 8, 0.5),
    (42, 10, 1),
    (92, 34, 0),
  ):
    y = height * who.nose_length / 45 if height < 60 else height
    row = np.abs(
      face.canonical[: face.lower + 9, len(face.phi) // 2, 1] - y
    ).argmin()
    radius = radius * (1 + wide * (who.nose_wide - 1))
    _, y, z = middle[row]
    spheres.append((0.0, y / 1000, (z + radius) / 1000, radius / 1000))
  return tuple(spheres)


@functools.lru_cache(maxsize=16)
def person(index: int, size: int) -> Person:
  """Builds what does not depend on time."""
  who = traits(index)
  detail, k = detail_at(size), texels_at(size)
  face = head(who, detail)
  gloss = 0.08 + 0.1 * who.darkness
  own = Patch(face.position, skin.albedo(face, who, k), gloss=gloss)
  middle = len(face.phi) // 2
  bridge = np.abs(face.canonical[:, middle, 1] - who.eye_y).argmin()
  front = face.position[bridge, middle, 2] / who.stretch[3]
  fixed = [
    *body.ears(who, detail, k),
    *hair.hair(who, detail, k),
    *hats.hat(who, detail, k),
    *body.glasses(who, front, k),
  ]
  torso = body.shoulders(who, detail, k)
  patches = [own, *fixed, *torso]
  kind = _kinds(face, who)
  cells = _cells(
    patches,
    k,
    [kind] + [PLAIN] * (len(patches) - 1),
    [_moving(face, kind)] + [False] * len(fixed) + [True] * len(torso),
  )
  drawn = np.ones(len(cells.row), bool)
  drawn[: 2 * kind.size] = ~np.tile(_covered(face, who).ravel(), 2)
  place = stage(who)
  strand = _flat([np.gradient(p.position, axis=0) for p in fixed])
  return Person(
    traits=who,
    stage=place,
    wall=background(who, place, size),
    head=face,
    fixed=_flat([p.position for p in fixed]) / 1000,
    fixed_normal=_flat([normals(p.position) for p in fixed]),
    torso=_flat([p.position for p in torso]) / 1000,
    torso_normal=_flat([normals(p.position) for p in torso]),
    strand=unit(strand),
    hairy=_spread(fixed, [p.hair for p in fixed]),
    gloss=_spread(patches, [p.gloss for p in patches]),
    shades=_shades(face, who),
    mesh=Mesh(*(corner[drawn] for corner in _mesh(patches))),
    cells=Cells(*(each[drawn] for each in cells)),
    texture=_flat([p.albedo for p in patches]),
    k=k,
  )


def _flat(arrays: list[np.ndarray]) -> np.ndarray:
  return np.concatenate([a.reshape(-1, 3) for a in arrays])


def _spread(patches: list[Patch], values: list) -> np.ndarray:
  """A value per patch as one per vertex."""
  return np.repeat(values, [p.position.size // 3 for p in patches])
