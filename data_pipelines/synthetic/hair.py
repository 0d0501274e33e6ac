"""Hair: sheets hung from the crown over the skull, and strands upon them."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.head import Head
from data_pipelines.synthetic.surface import (
  Patch,
  mix,
  normals,
  ramp,
  texels,
  unit,
  waves,
)
from data_pipelines.synthetic.traits import Traits

CENTRE = np.array([0.0, -20.0, 10.0])  # hair grows away from here
LOWEST = 0.78 * np.pi  # of the skull's rays, from the crown
DROP = 6.0  # mm that hair falls where a ray on the skull would follow
# Where hair ends: degrees from the front, height in mm.
SHORT_LINE = np.array([
  (0, -77), (15, -77), (28, -72), (38, -62), (47, -47), (56, -28), (64, -6),
  (70, 8),
  (76, 10), (82, -12), (104, -12), (116, 30), (140, 62), (180, 66),
], dtype=float)  # fmt: skip
LONG = ('bob', 'long')
LOOSE = (*LONG, 'curly')  # hang rather than cling to the nape
BARE = -52.0  # mm; a bald head's hair begins here, at the sides and behind
UNDER_HAT = -12.0  # mm; what is lower is seen beside a hat
TEMPLE = 66.0  # degrees; and ends here, towards the face
VOLUME = {  # mm on top and at the sides, least and most
  'crop': (3, 5, 1.5, 2.5),
  'short': (9, 16, 4, 8),
  'quiff': (16, 28, 3, 6),
  'bald': (1.5, 2.5, 2, 4),
  'curly': (24, 42, 18, 36),
  'bob': (11, 18, 10, 18),
  'long': (10, 18, 10, 18),
  'bun': (7, 11, 4, 7),
}


def hairline(degrees: np.ndarray, person: Traits) -> np.ndarray:
  """Height (mm) at which the scalp's hair begins, by angle from the front."""
  line = np.interp(np.abs(degrees), *SHORT_LINE.T)
  back = 26 * person.recede * np.exp(-(((np.abs(degrees) - 34) / 16) ** 2))
  back = back + 14 * person.recede * np.exp(-((degrees / 30) ** 2))
  if person.hair_style == 'bald':
    return np.where(np.abs(degrees) < TEMPLE, -130.0, line)
  front = person.hairline * ramp(np.abs(degrees), 64, 40)
  return line - back + front


def _ends(degrees, person: Traits) -> np.ndarray:
  """Height (mm) at which each strand ends."""
  line = hairline(degrees, person)
  a = np.abs(degrees)
  style = person.hair_style
  likely = 0.82 if style in ('short', 'curly') else 0.62
  fringe = style not in ('crop', 'quiff', 'bald') and person.fringe > likely
  if fringe and person.recede < 0.3:
    reach = mix(-44, -26, (person.fringe - 0.62) / 0.38)
    line = np.maximum(line, mix(reach, line, ramp(a, 40, 58)))
  if style in LONG:
    low, high = (62, 118) if style == 'bob' else (150, 235)
    tips = mix(low, high, person.hair_length)
    edge = 60 + 8 * person.fringe + 6 * person.part * np.sign(degrees)
    line = mix(line, tips, ramp(a, edge - 3, edge + 3))
  if style == 'curly':
    tips = mix(0, 95, person.hair_length * (1 - 0.7 * person.masculine))
    line = np.maximum(line, mix(line, tips, ramp(a, 66, 78)))
  return line


@functools.cache
def _heights() -> np.ndarray:
  """Heights (r, c) in mm of the rays on the shared skull, never rising."""
  shared = anatomy()
  corners = shared.base[shared.skull_corners]
  skull = (corners * shared.skull_weights[..., None]).sum(2)
  return np.maximum.accumulate(skull[..., 1], axis=0)


def _row(height, phi) -> np.ndarray:
  """The row (n,) of the skull's rays that leaves it at `height`."""
  heights = _heights()
  rows, columns = heights.shape
  column = (phi + np.pi) / (2 * np.pi) * (columns - 1)
  nearest = np.round(column).astype(int) % columns
  height = np.broadcast_to(height, phi.shape)
  return np.array(
    [
      np.interp(h, heights[:, c], np.arange(rows))
      for h, c in zip(height, nearest, strict=True)
    ]
  )


def on_skull(face: Head, row, phi) -> np.ndarray:
  """Where rays (...,) leave this person's skull: (..., 3) mm."""
  columns = face.skull.shape[1]
  column = (phi + np.pi) / (2 * np.pi) * (columns - 1)
  row, column = np.broadcast_arrays(row, column)
  return grid_at(face.skull, row, column)


def grid_at(grid, row, column) -> np.ndarray:
  """A grid (r, c, n) between its points: (..., n)."""
  low = np.clip(row.astype(int), 0, grid.shape[0] - 2)
  left = np.clip(column.astype(int), 0, grid.shape[1] - 2)
  down, right = (row - low)[..., None], (column - left)[..., None]
  above = mix(grid[low, left], grid[low, left + 1], right)
  below = mix(grid[low + 1, left], grid[low + 1, left + 1], right)
  return mix(above, below, down)


def sheet(face: Head, end, phi, q, style: str) -> np.ndarray:
  """Strands on the bare skull from the crown to `end` mm: (q, phi, 3)."""
  # Below the ears' tops loose hair hangs straight down.
  fall = 8.0 if style in LOOSE else 90.0
  phi = np.where(phi > np.pi, phi - 2 * np.pi, phi)
  skull = np.minimum(end, fall)
  last = _row(skull, phi)
  span = (end - skull) / DROP + last
  crown = _row(BARE, phi) if style == 'bald' else 0.0
  along = mix(crown, np.maximum(span, crown), q[:, None])
  on = np.minimum(along, last)
  position = on_skull(face, on, phi)
  position[..., 1] += DROP * (along - on)
  return position


def _strands(shape, rng, wobble: float) -> np.ndarray:
  """Streaks down the columns of a texture, around 1."""
  rows, columns = shape
  fine = rng.random(columns)
  broad = rng.random(columns // 4 + 2)
  x = np.arange(columns) / 4
  streak = 0.5 * fine + np.interp(x, np.arange(len(broad)), broad)
  shift = wobble * np.sin(np.arange(rows) / rows * 5 + 6 * rng.random())
  index = np.arange(columns) + shift.astype(int)[:, None]
  return 0.55 + 0.6 * streak[index % columns]


def hair(person: Traits, face: Head, detail: float, k: int) -> list[Patch]:
  """The patches of a person's hair, in this person's mm."""
  rng = np.random.default_rng((person.seed, 1))
  start, stop = -180.0, 180.0
  if person.hair_style == 'bald':
    start, stop = TEMPLE, 360 - TEMPLE  # around the back
  around = np.linspace(start, stop, 2 * round(54 * detail) + 1)
  degrees = np.where(around > 180, around - 360, around)
  q = np.linspace(0, 1, round(28 * detail) + 2)
  locks = np.interp(around, np.linspace(-180, 360, 66), rng.random(66))
  jag = 7 if person.hair_style in LOOSE else 3.5
  end = _ends(degrees, person) + jag * (1.4 * locks - 0.7)
  position = sheet(face, end, np.radians(around), q, person.hair_style)
  lumps = waves(position, rng, 34 if person.hair_style == 'curly' else 60)
  thick = _thickness(position, degrees, end, q, lumps, person, rng)
  away = unit(position - CENTRE)
  away[..., 1] *= 1 - ramp(position[..., 1], -20, 30)
  position = position + thick[..., None] * away
  below = np.maximum(position[..., 1] - 20, 0)
  flare = (0.12 if person.hair_style == 'long' else -0.06) * below
  position[..., 0] += flare * np.sin(np.radians(around))
  fields = np.dstack(
    np.broadcast_arrays(*np.moveaxis(position, -1, 0), thick, lumps)
  )
  on_scalp = ramp(end - hairline(degrees, person), 14, 4)
  patches = [
    Patch(
      position,
      _colour(texels(fields, k), on_scalp, person, rng),
      hair=True,
      gloss=0.0 if person.hair_style == 'curly' else 0.35,
      double=person.hair_style in LOOSE,
    )
  ]
  if person.hair_style == 'bun':
    patches.append(_bun(person, position[0, 0], detail, k, rng))
  return patches


class Strands(NamedTuple):
  """Points along single hairs, in the head's frame."""

  position: np.ndarray  # (n, 3) mm
  normal: np.ndarray  # (n, 3) unit, of the hair around
  colour: np.ndarray  # (n, 3) linear


MOST = 20_000  # points of strands on one sheet, where they are 1 mm apart
# How long strands are (mm), how far their tips stand off, and how they curl.
STRANDS = {
  'crop': (7, 2.5, 0.3),
  'short': (22, 5, 0.8),
  'quiff': (26, 6, 0.8),
  'bald': (9, 2.5, 0.5),
  'curly': (26, 9, 4.0),
  'bob': (48, 4, 0.8),
  'long': (60, 5, 1.2),
  'bun': (30, 3, 0.6),
}


def strands(person: Traits, patches: list[Patch], pitch: float) -> Strands:
  """Strands over the sheets of hair, a point every `pitch` mm or so."""
  rng = np.random.default_rng((person.seed, 6))
  long, lift, curl = STRANDS[person.hair_style]
  parts = []
  for patch in patches:
    grid = np.concatenate([patch.position, normals(patch.position)], -1)
    parts.append(_upon(grid, person, pitch, (long, lift, curl), rng))
  whole = Strands(*(np.concatenate(e) for e in zip(*parts, strict=True)))
  if person.hat:  # hides what grows under it
    below = whole.position[:, 1] > UNDER_HAT
    return Strands(*(each[below] for each in whole))
  return whole


def _upon(grid, person: Traits, pitch: float, habit, rng) -> Strands:
  """Strands over one sheet (r, c, 6) of positions and normals."""
  long, lift, curl = habit
  rows, columns = grid.shape[:2]
  down = np.sqrt(((grid[1:, :, :3] - grid[:-1, :, :3]) ** 2).sum(-1))
  wide = np.sqrt(((grid[:, 1:, :3] - grid[:, :-1, :3]) ** 2).sum(-1))
  area = down[:, :-1] * wide[:-1]
  points = max(2, round(long / pitch))
  count = min(area.sum() / (pitch * pitch) * 0.6, MOST / pitch)
  count = round(count / points) + 8
  chosen = np.searchsorted(
    np.cumsum(area.ravel()) / area.sum(), rng.random(count)
  )
  row, column = np.divmod(np.minimum(chosen, area.size - 1), columns - 1)
  step = long / np.maximum(down[row, column], 0.3)
  along = np.linspace(0, 1, points)
  at = (
    (row + rng.random(count))[:, None]
    + along * step[:, None] * (0.5 + rng.random(count)[:, None])
    - 0.4 * step[:, None]
  )
  last = (rows - 1) * (1 - 0.14 * rng.random((count, 1)))
  kept = at < last if person.hair_style not in LONG else at < 2 * rows
  over = np.maximum(at - (rows - 1), 0)
  at = np.clip(at, 0, rows - 1)
  turns = rng.random((count, 2)) * 6.3
  bend = curl * np.sin(turns[:, :1] + along * (2 + 5 * rng.random((count, 1))))
  pace = np.maximum(wide[row, column], 0.5)[:, None]
  side = column[:, None] + rng.random((count, 1)) + bend / pace
  side = np.clip(side, 0, columns - 1)
  here = grid_at(grid, at, side)
  position, normal = here[..., :3], unit(here[..., 3:])
  stand = lift * (0.1 + 0.9 * rng.random((count, 1)) ** 2)
  stand = stand * (0.25 + 0.75 * along)
  stand = stand + 0.35 * curl * np.cos(turns[:, 1:] + along * 7)
  position = position + stand[..., None] * normal
  tips = np.minimum(over * down[-1].mean(), 0.35 * long)
  position[..., 1] += tips
  bright = (0.6 + 0.75 * rng.random((count, 1))) * (0.85 + 0.3 * along)
  colour = person.hair_colour * (bright[..., None])
  colour = np.broadcast_to(colour, position.shape)
  return Strands(position[kept], normal[kept], colour[kept])


def _thickness(position, degrees, end, q, lumps, person: Traits, rng):
  """How far (mm) hair stands off the skull: (rows, columns)."""
  style = person.hair_style
  top_low, top_high, side_low, side_high = VOLUME[style]
  top = mix(top_low, top_high, person.hair_volume)
  side = mix(side_low, side_high, person.hair_volume)
  if person.hat:
    top, side = min(top, 2), min(side, 3.5)
  phi, q = np.radians(degrees), q[:, None]
  y = position[..., 1]
  thick = mix(top, side, ramp(y, -95, -25))
  if style == 'quiff':
    thick += 0.5 * top * np.exp(-((phi / 0.7) ** 2)) * ramp(q, 0.3, 0.9)
  swept = person.part * 0.5 * np.sin(phi) * ramp(y, -40, -80)
  thick *= 1 + swept * ramp(q, 0, 0.3)
  if style == 'curly':
    thick *= (1 + 0.5 * lumps) * (1 + 0.42 * waves(position, rng, 13))
  else:
    tufts = 0.3 * (rng.random(len(degrees)) - 0.5)
    thick *= (1 + 0.22 * lumps) * (1 + tufts * ramp(q, 0.05, 0.4))
  hanging = ramp(end, 0, 40)
  thick *= mix(ramp(q, 1.0, 0.62), ramp(q, 1.25, 0.9), hanging)
  thick += 1.2
  if style == 'bald':
    thick *= ramp(q, -0.1, 0.3) * ramp(np.abs(degrees), TEMPLE - 2, 82)
  return thick


def _colour(fine, on_scalp, person: Traits, rng) -> np.ndarray:
  """Linear colour of texels (r, c, 5) of x, y, z, thickness and lumps."""
  rows, columns = fine.shape[:2]
  shade = mix(0.6, 1.05, ramp(fine[..., 3], 1, 6))
  if person.hair_style == 'curly':
    streaks = 0.75 + 0.6 * waves(fine, rng, 7) * waves(fine, rng, 9)
    shade *= mix(0.55, 1.1, ramp(fine[..., 4], -0.5, 0.4))
  else:
    streaks = _strands((rows, columns), rng, 6)
  albedo = person.hair_colour * (streaks * shade)[..., None]
  if person.hair_style in LOOSE:
    return albedo
  # Thin tips let the skin through, unless they hang before the forehead.
  along = np.linspace(0, 1, rows)[:, None]
  at = np.linspace(0, len(on_scalp) - 1, columns)
  tip = 0.45 * ramp(along + 0.2 * rng.random(columns), 1.0, 1.17)
  thin = tip * np.interp(at, np.arange(len(on_scalp)), on_scalp)
  if person.hair_style == 'bald':
    upper = ramp(along - 0.3 * rng.random(columns), 0.15, -0.1)
    thin = np.maximum(thin, 0.9 * upper)
  return mix(albedo, person.skin, thin[..., None])


def _bun(person: Traits, crown, detail: float, k: int, rng) -> Patch:
  theta = np.linspace(0, np.pi, round(16 * detail) + 2)[:, None]
  phi = np.linspace(-np.pi, np.pi, 2 * round(16 * detail) + 1)
  radius = 24 + 12 * person.hair_volume
  x = np.sin(theta) * np.sin(phi)
  z = -np.sin(theta) * np.cos(phi)
  y = -np.cos(theta) * np.ones_like(phi)
  position = radius * np.stack([x, 0.8 * y, z], -1)
  position *= 1 + 0.08 * waves(position, rng, 20)[..., None]
  position += crown
  position += (0, 4 - 0.4 * radius, 8 + 30 * person.part)
  shape = ((position.shape[0] - 1) * k, (position.shape[1] - 1) * k)
  albedo = person.hair_colour * _strands(shape, rng, 9)[..., None]
  return Patch(position, albedo, hair=True, gloss=0.35)
