"""What hangs and stands at the walls of rooms, each painted over a wall.

Metres; u runs along a wall to the right, v down from the camera's height. Every
function paints in place: picture (n, 3) is what the wall's points show, linear,
u where the thing is.
"""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.clouds import clouds
from data_pipelines.synthetic.paint import (
  between,
  box,
  cloth_colour,
  fill,
  leaf_colour,
  sky_light,
  wall_colour,
  wood_colour,
)
from data_pipelines.synthetic.surface import linear, mix, ramp


class Wall(NamedTuple):
  """The part of a wall that is seen, as points."""

  u: np.ndarray  # (n,) metres
  v: np.ndarray  # (n,)
  soft: np.ndarray  # (n,) what a pixel spans
  pixel: float  # the same, on average


def bookshelf(picture, wall: Wall, rng, u) -> None:
  """Books in rows, with gaps and things among them."""
  wide, pitch = between(rng, 0.8, 2.4), between(rng, 0.28, 0.4)
  wood, top = wood_colour(rng), between(rng, -1.4, -0.5)
  x, y = wall.u - u + wide / 2, wall.v - top
  inside = box(x, y, 0, 0, wide, 9, wall.soft)
  fill(picture, wood * between(rng, 0.15, 0.6), inside)
  row = np.floor(y / pitch)
  books = int(rng.integers(24, 60))
  sizes = 0.012 + 0.05 * rng.random((16, books)) ** 1.5
  ends = np.cumsum(sizes, 1)
  tall = pitch * (0.5 + 0.42 * rng.random((16, books)))
  tall *= rng.random((16, books)) < 0.88
  dull = rng.random()
  colours = np.array(
    [mix(cloth_colour(rng), wood, 0.5 * dull) for _ in range(64)]
  )
  hue = rng.integers(0, 64, (16, books))
  number = row.astype(np.int64) % 16
  for line in range(16):
    at = np.flatnonzero((number == line) & (inside > 0))
    if not at.size:
      continue
    which = np.minimum(ends[line].searchsorted(x[at]), books - 1)
    start = ends[line, which] - sizes[line, which]
    height = (row[at] + 1) * pitch - 0.02 - y[at]
    cover = box(
      x[at],
      height,
      start + 0.001,
      -1,
      ends[line, which] - 0.001,
      tall[line, which],
      wall.soft[at],
    )
    band = np.abs(height / np.maximum(tall[line, which], 0.01) - 0.75) < 0.06
    round_back = 1 - 0.35 * np.abs(2 * (x[at] - start) / sizes[line, which] - 1)
    shade = (
      round_back * (1 + 0.6 * band) * ramp(height, 1.15 * pitch, 0.4 * pitch)
    )
    page = colours[hue[line, which]] * shade[:, None]
    part = picture[at]
    fill(part, page, cover * inside[at])
    picture[at] = part
  board = np.abs(y - np.floor(y / pitch + 0.5) * pitch + 0.01)
  fill(picture, wood, inside * np.clip((0.012 - board) / wall.soft + 0.5, 0, 1))
  side = np.minimum(np.abs(x), np.abs(x - wide))
  fill(picture, wood, inside * np.clip((0.015 - side) / wall.soft + 0.5, 0, 1))


def window(picture, wall: Wall, rng, u) -> None:
  """Daylight through panes, with a curtain or a blind at times."""
  wide, tall = between(rng, 0.6, 1.8), between(rng, 1.0, 1.6)
  top = between(rng, -1.1, -0.6)
  x, y = wall.u - u + wide / 2, wall.v - top
  frame = linear(*(205 + 40 * rng.random(3) ** 2)) * (
    1.0 if rng.random() < 0.7 else 0.15
  )
  fill(
    picture, frame, box(x, y, -0.06, -0.06, wide + 0.06, tall + 0.08, wall.soft)
  )
  out = sky_light(1 - y / tall * 0.9, rng) * between(rng, 1.0, 3.0)
  trees = clouds(x, y, rng, 0.35, wall.pixel)
  green = leaf_colour(rng) * between(rng, 0.7, 2)
  leaf = ramp(trees + y / tall, 0.4 + rng.random(), 1.2 + rng.random())
  fill(out, green * (1 + 0.5 * trees)[:, None], leaf)
  panes, rows = int(rng.integers(1, 4)), int(rng.integers(1, 4))
  column, row = np.mod(x, wide / panes), np.mod(y, tall / rows)
  pane = box(
    column,
    row,
    0.025,
    0.025,
    wide / panes - 0.025,
    tall / rows - 0.025,
    wall.soft,
  )
  fill(picture, out, pane * box(x, y, 0, 0, wide, tall, wall.soft))
  hanging = rng.random()
  if hanging < 0.4:
    cloth = cloth_colour(rng) * 0.6 + linear(230, 225, 215) * 0.4
    width = wide * between(rng, 0.2, 0.45)
    fold = 0.75 + 0.2 * np.sin(x * between(rng, 40, 90)) + 0.08 * trees
    for left in (-0.15, wide + 0.15 - width):
      cover = box(x, y, left, -0.15, left + width, 9, wall.soft)
      fill(picture, cloth * fold[:, None], 0.93 * cover)
  elif hanging < 0.65:
    pitch = between(rng, 0.03, 0.07)
    slat = ramp(np.abs(np.mod(y / pitch, 1) - 0.5), 0.2, 0.35)
    low = tall * between(rng, 0.3, 1)
    cover = slat * box(x, y, -0.02, -0.02, wide + 0.02, low, wall.soft)
    fill(picture, frame * 0.9 + 0.1, 0.85 * cover)


def door(picture, wall: Wall, rng, u) -> None:
  """A door, shut or open."""
  wide, top = 0.85, -0.65
  x, y, soft = wall.u - u + wide / 2, wall.v - top, wall.soft
  colour = wood_colour(rng)
  fill(picture, colour * 0.8, box(x, y, -0.08, -0.08, wide + 0.08, 9, soft))
  if rng.random() < 0.3:  # open, to a dark or to a bright room
    colour = wall_colour(rng) * (0.15 if rng.random() < 0.6 else 1.3)
  fill(picture, colour, box(x, y, 0, 0, wide, 9, soft))
  for step in range(2):
    low = 0.12 + 0.8 * step
    fill(
      picture,
      colour * 0.75,
      box(x, y, 0.12, low, wide - 0.12, low + 0.68, soft),
    )
    fill(
      picture,
      colour,
      box(x, y, 0.135, low + 0.02, wide - 0.12, low + 0.68, soft),
    )


def screen(picture, wall: Wall, rng, u) -> None:
  """A television, a whiteboard or a notice board."""
  wide, tall = between(rng, 0.8, 1.6), between(rng, 0.5, 0.9)
  x, y, soft = (
    wall.u - u + wide / 2,
    wall.v - between(rng, -0.7, -0.2),
    wall.soft,
  )
  fill(
    picture,
    linear(24, 24, 26),
    box(x, y, -0.02, -0.02, wide + 0.02, tall + 0.02, soft),
  )
  kind = rng.random()
  colour = linear(14, 15, 18) if kind < 0.4 else wall_colour(rng)
  shine = 1 + 0.6 * ramp(x - 0.6 * y, 0, wide) * rng.random()
  fill(picture, colour * shine[:, None], box(x, y, 0, 0, wide, tall, soft))
  if kind > 0.7:
    for _ in range(int(rng.integers(3, 9))):
      left, top = wide * rng.random(), tall * rng.random()
      sheet = box(
        x, y, left, top, left + 0.21, top + between(rng, 0.1, 0.3), soft
      )
      fill(
        picture,
        mix(cloth_colour(rng), 0.85, 0.6),
        sheet * (x < wide) * (y < tall),
      )


def framed_picture(picture, wall: Wall, rng, u) -> None:
  """A framed picture, poster or photograph."""
  wide, tall = between(rng, 0.18, 0.8), between(rng, 0.2, 0.7)
  x, y, soft = (
    wall.u - u + wide / 2,
    wall.v - between(rng, -0.75, 0.05),
    wall.soft,
  )
  rim, mat = between(rng, 0.01, 0.045), between(rng, 0, 0.07)
  shadow = box(x, y, 0, 0.02, wide + 0.03, tall + 0.04, soft + 0.03)
  picture *= 1 - 0.35 * shadow[:, None]
  colour = wood_colour(rng) if rng.random() < 0.5 else linear(20, 19, 18)
  fill(picture, colour, box(x, y, 0, 0, wide, tall, soft))
  fill(
    picture,
    linear(232, 230, 222),
    box(x, y, rim, rim, wide - rim, tall - rim, soft),
  )
  inner = rim + mat
  spots = clouds(x, y, rng, between(rng, 0.08, 0.3), wall.pixel, decay=0.5)
  image = mix(
    cloth_colour(rng),
    cloth_colour(rng),
    ramp(spots + y / tall, -0.4, 1.2)[:, None],
  )
  fill(image, cloth_colour(rng), ramp(spots - 2 * y / tall, -0.8, -0.4))
  fill(
    picture, image, box(x, y, inner, inner, wide - inner, tall - inner, soft)
  )


def furniture(picture, wall: Wall, rng, u) -> None:
  """The back of a sofa, a headboard or a sideboard below."""
  wide, top = between(rng, 0.9, 2.2), between(rng, 0.0, 0.45)
  x, y = wall.u - u, wall.v - top
  colour = cloth_colour(rng) if rng.random() < 0.6 else wood_colour(rng)
  bulge = 0.06 * (2 * x / wide) ** 8
  cover = box(x, y - bulge, -wide / 2, 0, wide / 2, 9, wall.soft)
  seam = ramp(np.abs(np.sin(np.pi * x / wide * 3)), 0.0, 0.06)
  shade = (0.6 + 0.4 * ramp(y, 0.12, 0.0)) * (0.8 + 0.2 * seam)
  shade *= 1 + 0.08 * clouds(x, y, rng, 0.3, wall.pixel)
  fill(picture, colour * shade[:, None], cover)


def lamp(picture, wall: Wall, rng, u) -> None:
  """A shade that glows, and its light on the wall."""
  x, y = wall.u - u, wall.v - between(rng, -0.45, 0.1)
  power, wide = between(rng, 0.8, 2.5), between(rng, 0.09, 0.2)
  warm = linear(255, 214, 150)
  halo = np.exp(-(x * x + (y - 0.1) ** 2) / (3 * wide) ** 2)
  picture *= 1 + 1.2 * power * warm * halo[:, None]
  taper = wide * (0.75 + 0.35 * y / (1.6 * wide))
  fill(picture, linear(40, 34, 28), box(x, y, -0.012, 0, 0.012, 0.8, wall.soft))
  cover = box(x / taper, y, -1, 0, 1, 1.6 * wide, wall.soft / wide)
  glow = 0.7 + 0.5 * np.exp(-((x / wide) ** 2) * 3)
  fill(picture, warm * power * glow[:, None], cover)


def plant(picture, wall: Wall, rng, u) -> None:
  """Leaves of a plant before the wall."""
  x, y = wall.u - u, wall.v - between(rng, -0.2, 0.5)
  reach = between(rng, 0.2, 0.5)
  leaves = clouds(x, y, rng, reach * 0.5, wall.pixel, octaves=5, decay=0.8)
  body = 1 - np.sqrt(x * x + (0.8 * y) ** 2) / reach
  cover = ramp(leaves + 2.2 * body, 0.5, 0.75)
  tone = clouds(x, y, rng, 0.08, wall.pixel, octaves=4)
  shade = np.maximum(0.55 + 0.5 * tone - 0.3 * y / reach, 0.08)
  fill(picture, leaf_colour(rng) * shade[:, None], cover)
