"""Rooms: a box seen from inside, in metres."""

import numpy as np

from data_pipelines.synthetic import furnishings
from data_pipelines.synthetic.clouds import clouds
from data_pipelines.synthetic.furnishings import Wall
from data_pipelines.synthetic.paint import (
  between,
  box,
  wall_colour,
  wood_colour,
)
from data_pipelines.synthetic.surface import linear, mix, ramp

BACK, LEFT, RIGHT, FLOOR, CEILING = range(5)


def room(rng, sight, stage) -> np.ndarray:
  """The light (n, n, 3) of a room."""
  turn = np.radians(between(rng, -55, 55) * rng.random())
  tip = np.radians(between(rng, -9, 9))
  up = sight.y * np.cos(tip) + np.sin(tip)
  ahead = np.cos(tip) - sight.y * np.sin(tip)
  x = sight.x * np.cos(turn) + ahead * np.sin(turn)
  z = ahead * np.cos(turn) - sight.x * np.sin(turn)
  x, y, z = x.ravel(), up.ravel(), z.ravel()
  back = stage.wall * between(rng, 0.9, 1.6)
  left, right = between(rng, 0.5, 3.5), between(rng, 0.5, 3.5)
  ceiling = between(rng, 0.75, 1.7)
  far = np.stack(
    [
      back / np.maximum(z, 1e-3),
      left / np.maximum(-x, 1e-3),
      right / np.maximum(x, 1e-3),
      1.35 / np.maximum(y, 1e-3),
      ceiling / np.maximum(-y, 1e-3),
    ]
  )
  which = far.argmin(0)
  far = far.min(0)
  x, y, z = x * far, y * far, z * far
  light = _lamp_light(rng, stage, x, y, z, (back, left, right, ceiling))
  paint, other = wall_colour(rng), wall_colour(rng)
  other = paint if rng.random() < 0.7 else other
  seeds = rng.integers(1 << 31, size=5)
  picture = np.empty((len(x), 3))
  along = {BACK: (x, y), LEFT: (z, y), RIGHT: (-z, y), FLOOR: (x, z)}
  for side in range(5):
    at = np.flatnonzero(which == side)
    if not at.size:
      continue
    u, v = (part[at] for part in along.get(side, (x, z)))
    soft = sight.pixel * far[at]
    wall = Wall(u, v, soft, float(soft.sum() / len(soft)))
    own = np.random.default_rng(seeds[side])
    if side in (FLOOR, CEILING):
      picture[at] = _level_surface(wall, own, side)
    else:
      picture[at] = _wall(wall, own, paint if side == BACK else other)
  shape = sight.x.shape
  return (picture * light).reshape(*shape, 3)


def _lamp_light(rng, stage, x, y, z, walls) -> np.ndarray:
  """Light (n, 3) that falls on points of the room."""
  back, left, right, ceiling = walls
  side = 1 if stage.key[0] > 0 else -1
  lamp = (
    side * (right if side > 0 else left) * between(rng, 0.2, 0.9),
    -ceiling * between(rng, 0.2, 0.9),
    back * between(rng, 0.3, 0.95),
  )
  away = (x - lamp[0]) ** 2 + (y - lamp[1]) ** 2 + (z - lamp[2]) ** 2
  near = 1 / (1 + away / between(rng, 0.4, 3) ** 2)
  # The nearest of these is 0 everywhere on a wall; what counts is the second.
  edges = np.sort(np.stack([back - z, x + left, right - x, y + ceiling]), 0)
  shade = 0.7 + 0.3 * ramp(edges[1], 0, 0.35)
  level = between(rng, 0.35, 1.1) if stage.mood != 'low key' else 0.22
  if stage.mood == 'behind':
    level *= 1.4
  colour = stage.sky + stage.ground
  colour = colour / colour[1] * (stage.sky[1] + stage.key_colour[1] * 0.4)
  return colour * (level * (0.45 + 1.1 * near) * shade)[:, None]


def _level_surface(wall: Wall, rng, side: int) -> np.ndarray:
  """Colour (n, 3) of floor or ceiling."""
  if side == CEILING:
    return np.broadcast_to(linear(226, 224, 219), (len(wall.u), 3)) * 0.95
  colour = wood_colour(rng) * 0.8
  grain = clouds(wall.u * 6, wall.v, rng, 0.6, wall.pixel)
  return colour * (1 + 0.25 * grain)[:, None]


def _wall(wall: Wall, rng, paint) -> np.ndarray:
  """Colour (n, 3) of a wall and of all that is at it."""
  picture = _cover(wall, rng, paint)
  middle = float(wall.u.min() + np.ptp(wall.u) / 2)
  reach = float(np.ptp(wall.u)) / 2 + 0.3
  place = lambda: middle + reach * between(rng, -1, 1)
  kind = rng.random()
  if kind < 0.26:
    furnishings.bookshelf(picture, wall, rng, place())
  elif kind < 0.50:
    furnishings.window(picture, wall, rng, place())
  elif kind < 0.60:
    furnishings.door(picture, wall, rng, place())
  elif kind < 0.70:
    furnishings.screen(picture, wall, rng, place())
  if rng.random() < 0.55 and kind > 0.26:
    for _ in range(int(rng.integers(1, 4))):
      furnishings.framed_picture(picture, wall, rng, place())
  if rng.random() < 0.3:
    furnishings.furniture(picture, wall, rng, place())
  if rng.random() < 0.25:
    furnishings.lamp(picture, wall, rng, place())
  if rng.random() < 0.3:
    furnishings.plant(picture, wall, rng, place())
  return picture


def _cover(wall: Wall, rng, paint) -> np.ndarray:
  """Plaster, wallpaper, wood, bricks or tiles."""
  u, v = wall.u, wall.v
  spots = clouds(u, v, rng, 0.5, wall.pixel, decay=0.7)
  picture = paint * (1 + 0.05 * spots)[:, None]
  kind = rng.random()
  if kind < 0.55:
    return picture
  if kind < 0.66:  # wallpaper
    pitch = between(rng, 0.05, 0.25)
    stripe = np.sin(u * 2 * np.pi / pitch) > between(rng, -0.3, 0.3)
    picture *= 1 - between(rng, 0.05, 0.3) * stripe[:, None]
  elif kind < 0.78:  # boards
    wood, pitch = wood_colour(rng), between(rng, 0.1, 0.3)
    board = np.floor(u / pitch)
    tone = rng.random(64)[board.astype(np.int64) % 64]
    grain = clouds(u * 8 + 9 * tone, v, rng, 0.8, wall.pixel)
    gap = np.abs(u / pitch - board - 0.5) > 0.5 - wall.soft / pitch
    shade = (0.75 + 0.35 * tone + 0.14 * grain) * (1 - 0.5 * gap)
    picture = wood * shade[:, None]
  else:  # bricks or tiles
    _bricks(picture, wall, rng, kind > 0.90)
  return picture


def _bricks(picture, wall: Wall, rng, tiles: bool) -> None:
  u, v, soft = wall.u, wall.v, wall.soft
  tall = between(rng, 0.1, 0.2) if tiles else 0.075
  wide = tall * between(rng, 1, 2) if tiles else 0.22
  row = np.floor(v / tall)
  shift = 0 if tiles else 0.5 * (row.astype(np.int64) % 2)
  column = np.floor(u / wide + shift)
  tone = rng.random(4096)[
    (row.astype(np.int64) * 61 + column.astype(np.int64)) % 4096
  ]
  x, y = (u / wide + shift - column) * wide, v - row * tall
  joint = 0.006
  inside = box(x, y, joint, joint, wide - joint, tall - joint, soft)
  # Joints finer than a pixel only make the wall lighter.
  if not tiles and rng.random() < 0.65:
    stone = mix(linear(120, 62, 46), linear(172, 112, 86), rng.random())
  else:
    stone = wall_colour(rng)
  rough = clouds(u, v, rng, 0.2, wall.pixel)
  shade = 0.75 + 0.35 * tone + 0.1 * rough
  picture[:] = mix(picture * 0.8, stone * shade[:, None], inside[:, None])
