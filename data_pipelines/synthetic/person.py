"""A whole person, ready to be posed: one mesh, one texture, strands of hair."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic import body, hair, hats, skin
from data_pipelines.synthetic.anatomy import CAVE, SKIN, TONGUE, anatomy
from data_pipelines.synthetic.backgrounds import background
from data_pipelines.synthetic.head import Head, head, loose
from data_pipelines.synthetic.raster import Mesh
from data_pipelines.synthetic.stage import Stage, stage
from data_pipelines.synthetic.surface import Patch, bump, normals, unit
from data_pipelines.synthetic.texels import Texels, texels
from data_pipelines.synthetic.traits import Traits, traits

# Largest picture (px), density of patches' vertices, texels along their steps,
# and the width of a texel of skin in mm.
LEVELS = (
  (96, 0.45, 2, 2.0),
  (192, 0.55, 2, 1.2),
  (384, 1.0, 3, 0.7),
  (1 << 30, 1.0, 6, 0.45),
)
ALL_BUT = 1 - 2.0**-40


class Cells(NamedTuple):
  """What each of t triangles is part of; two of them make a cell.

  The first half lies at the cell's upper right, from its left upper corner;
  the other at its lower left, from its right lower corner.
  """

  texel: np.ndarray  # number of the texel at the triangle's first corner
  across: np.ndarray  # from one to the next, from there towards the second
  down: np.ndarray  # and from the second towards the third
  k: np.ndarray  # float64, texels along the cell
  part: np.ndarray  # anatomy's SKIN and so on; SKIN for what is painted
  nonrigid: np.ndarray  # see `Frame.nonrigid`

  def texels(self, triangle, second, third) -> np.ndarray:
    """Numbers (n,) of the texels at weights of second and third corners."""
    k = self.k.take(triangle)
    number = _steps(second + third, k)
    number *= self.across.take(triangle)
    down = _steps(third, k)
    down *= self.down.take(triangle)
    number += down
    number += self.texel.take(triangle)
    return number


def _steps(share, k) -> np.ndarray:
  """Which of k texels in a row lies at a share, cut to [0, 1)."""
  share = np.minimum(share, ALL_BUT)
  np.maximum(share, 0, out=share)
  share *= k
  return share.astype(np.intp)


def _halves(texel, stride, k, part, nonrigid) -> Cells:
  """Both halves of cells, from their first texels and strides (c,)."""
  last = texel + (k - 1) * (stride + 1)
  one = np.ones(len(texel), np.intp)
  return Cells(
    texel=np.concatenate([texel, last]),
    across=np.concatenate([one, -one]),
    down=np.concatenate([stride, -stride]),
    k=np.tile(k, 2).astype(float),
    part=np.tile(part, 2),
    nonrigid=np.tile(nonrigid, 2),
  )


class Person(NamedTuple):
  """One identity at one resolution.

  The mesh's vertices are the head's, then the rest of what turns with the
  head (`fixed`), then the torso. Positions are in metres, normals unit; those
  of the second two are in their own frames. Their x, y and z lie apart in
  memory, as all computing goes along them.
  """

  traits: Traits
  stage: Stage
  wall: np.ndarray  # (3, size * size) float32, linear light
  head: Head
  fixed: np.ndarray  # (n, 3)
  fixed_normal: np.ndarray  # (3, n) float32
  torso: np.ndarray  # (m, 3)
  torso_normal: np.ndarray  # (3, m) float32
  strand: np.ndarray  # (3, n) float32, direction of the hair in `fixed`
  hairy: np.ndarray  # (n,) whether there is any
  gloss: np.ndarray  # (v,) float32
  mesh: Mesh
  cells: Cells
  texture: np.ndarray  # (3, texels) float32, linear light
  hairs: hair.Strands  # single hairs, (3, n), positions in metres


def _level(size: int) -> tuple[float, int, float]:
  """Density of vertices, texels along a step, mm of a texel of skin."""
  return next(level for limit, *level in LEVELS if size <= limit)


def _hidden(who: Traits) -> np.ndarray:
  """Quads (q,) of the head that nobody ever sees."""
  shared = anatomy()
  x, y, z = np.moveaxis(shared.base[shared.quads], -1, 0)
  # The torso has shoulders of its own, and eyeballs fill their sockets.
  hidden = (np.abs(x).max(1) > 62) | (y.max(1) > 176)
  hidden &= y.min(1) > 128
  hidden |= (shared.parts == CAVE) & (y.max(1) < 30)
  if who.hair_style == 'bald' or who.hat:
    return hidden
  line = hair.hairline(np.degrees(np.arctan2(x, 12 - z)), who)
  ear = (np.abs(x).max(1) > 66) & (y.min(1) > -14) & (z.min(1) > -12)
  ear &= (who.hair_style not in hair.LONG) & (z.max(1) < 45)
  return hidden | ((y < line - 16).all(1) & ~ear)


def _head_cells(
  paint: Texels, who: Traits
) -> tuple[tuple[np.ndarray, ...], Cells]:
  """The head's triangles, upper right halves first, and their cells."""
  shared = anatomy()
  a, b, c, d = shared.quads.T
  moves = loose()[shared.quads].any(1)
  stride = paint.stride
  cells = _halves(paint.first, stride, stride, shared.parts, moves)
  seen = np.tile(~_hidden(who), 2)
  corners = [np.concatenate(pair) for pair in ((a, c), (b, d), (c, a))]
  corners.append(np.zeros(2 * len(a), bool))
  return (
    tuple(corner[seen] for corner in corners),
    Cells(*(each[seen] for each in cells)),
  )


def _patch_cells(patch: Patch, k: int, vertex: int, texel: int, moves: bool):
  """A patch's triangles and cells, its vertices and texels counted from."""
  rows, columns, _ = patch.position.shape
  number = vertex + np.arange(rows * columns).reshape(rows, columns)
  a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()
  c, d = number[1:, 1:].ravel(), number[1:, :-1].ravel()
  row, column = np.divmod(np.arange(len(a)), columns - 1)
  stride = (columns - 1) * k
  first = texel + row * k * stride + column * k
  both = [np.concatenate(pair) for pair in ((a, c), (b, d), (c, a))]
  both.append(np.full(2 * len(a), patch.double))
  full = functools.partial(np.full, len(a))
  cells = _halves(first, full(stride), full(k), full(SKIN), full(moves))
  return tuple(both), cells


@functools.cache
def _shine() -> np.ndarray:
  """(v,) how much more than other skin the face's parts shine."""
  x, y, z = anatomy().base.T
  a = np.abs(x)
  oily = bump(x, y, 0, 30, 11, 26) + 0.7 * bump(x, y, 0, -45, 34, 22)
  oily += 0.4 * bump(a, y, 38, 22, 14, 10) + 0.9 * bump(x, y, 0, 68, 24, 8)
  return 0.6 + oily * (z < -40)


@functools.lru_cache(maxsize=16)
def person(index: int, size: int) -> Person:
  """Builds what does not depend on time."""
  who = traits(index)
  detail, k, pitch = _level(size)
  face, shared = head(who), anatomy()
  paint = texels(pitch)
  locks = hair.hair(who, face, detail, k)
  fixed = [
    *locks,
    *hats.hat(who, face, detail, k),
    *body.glasses(who, face, k),
  ]
  torso = body.shoulders(who, detail, k)
  tongue = shared.parts[shared.parts != SKIN] == TONGUE
  textures = [skin.albedo(paint, tongue, who)]
  corners, cells = _head_cells(paint, who)
  triangles, kinds = [corners], [cells]
  vertex, texel = len(shared.base), len(textures[0])
  for patch in (*fixed, *torso):
    moves = any(patch is each for each in torso)
    corners, cells = _patch_cells(patch, k, vertex, texel, moves)
    triangles.append(corners)
    kinds.append(cells)
    textures.append(patch.albedo.reshape(-1, 3))
    vertex += patch.position.size // 3
    texel += len(textures[-1])
  hairs = hair.strands(who, locks, 0.33 / size / 2 * 1000)
  place = stage(who)
  strand = _flat([np.gradient(p.position, axis=0) for p in fixed])
  gloss = (0.10 + 0.1 * who.darkness) * _shine()
  return Person(
    traits=who,
    stage=place,
    wall=_planes(background(who, place, size).reshape(-1, 3)),
    head=face,
    fixed=np.asfortranarray(_flat([p.position for p in fixed]) / 1000),
    fixed_normal=_planes(_flat([normals(p.position) for p in fixed])),
    torso=np.asfortranarray(_flat([p.position for p in torso]) / 1000),
    torso_normal=_planes(_flat([normals(p.position) for p in torso])),
    strand=_planes(unit(strand)),
    hairy=_spread(fixed, [p.hair for p in fixed]),
    gloss=np.concatenate(
      [gloss, _spread((*fixed, *torso), [p.gloss for p in (*fixed, *torso)])]
    ).astype(np.float32),
    mesh=Mesh(*(np.concatenate(each) for each in zip(*triangles, strict=True))),
    cells=Cells(*(np.concatenate(each) for each in zip(*kinds, strict=True))),
    texture=_planes(np.concatenate(textures)),
    hairs=hair.Strands(
      np.ascontiguousarray(hairs.position.T) / 1000,
      _planes(hairs.normal),
      _planes(hairs.colour),
    ),
  )


def _planes(values) -> np.ndarray:
  """(n, 3) as (3, n) float32."""
  return np.ascontiguousarray(values.T, np.float32)


def _flat(arrays: list[np.ndarray]) -> np.ndarray:
  return np.concatenate([a.reshape(-1, 3) for a in arrays])


def _spread(patches, values: list) -> np.ndarray:
  """A value per patch as one per vertex."""
  return np.repeat(values, [p.position.size // 3 for p in patches])
