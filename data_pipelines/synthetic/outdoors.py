"""Streets, trees and open country behind people who are outside."""

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
)
from data_pipelines.synthetic.studios import lamps
from data_pipelines.synthetic.surface import linear, mix, ramp


def _daylight(rng, stage) -> float:
  """How bright it is behind a person, beside what falls on him."""
  level = stage.sky[1] + 0.5 * stage.key_colour[1]
  return (
    float(level)
    * between(rng, 0.6, 1.3)
    * (0.3 if stage.mood == 'low key' else 1.0)
  )


def foliage(rng, sight, stage) -> np.ndarray:
  """The light (n, n, 3) of leaves, near and far, with the sky in gaps."""
  x, y = sight.x / sight.wide, sight.y / sight.wide
  pixel = sight.pixel / sight.wide
  level = _daylight(rng, stage)
  scale = between(rng, 0.12, 0.45)
  picture = sky_light(0.6 - y, rng) * between(rng, 0.9, 2.2)
  gaps = between(rng, 0.1, 1.3)
  for near in range(3):
    colour = leaf_colour(rng)
    clumps = clouds(x, y, rng, scale * (1.6 - 0.3 * near), pixel, decay=0.7)
    leaves = clouds(x, y, rng, 0.25 * scale, pixel, octaves=4, decay=0.8)
    lit = ramp(0.7 * leaves + 0.6 * clumps - 0.3 * y, -0.8, 1.0)
    shade = between(rng, 0.15, 0.4) + 1.3 * lit * between(rng, 0.6, 1.2)
    yellow = mix(colour, colour * [1.6, 1.35, 0.7], 0.6 * lit[..., None])
    here = clumps + 0.5 * leaves + gaps - 0.45 * near + y * between(rng, 0, 2)
    fill(picture, yellow * shade[..., None] * level, ramp(here, 0, 0.25))
  if rng.random() < 0.4:
    for _ in range(int(rng.integers(1, 4))):
      at, lean = between(rng, -0.5, 0.5), between(rng, -0.25, 0.25)
      bark = clouds(8 * x, y, rng, 0.3, pixel, octaves=4)
      wide = between(rng, 0.015, 0.07)
      cover = box(
        x - lean * y + 0.01 * bark, y, at - wide, -1, at + wide, 1, pixel
      )
      side = 0.7 + 0.4 * (x - lean * y - at) / wide * np.sign(stage.key[0])
      trunk = linear(92, 76, 62) * (side * (0.8 + 0.3 * bark))[..., None]
      fill(picture, np.maximum(trunk, 0.004) * level, cover)
  if rng.random() < 0.3:
    _lawn(picture, rng, x, y, pixel, between(rng, 0.1, 0.4), level)
  return np.maximum(picture, 0.002)


def _lawn(picture, rng, x, y, pixel, horizon, level) -> None:
  """Grass, sand or paving from the horizon down."""
  below = np.maximum(y - horizon, 0)
  far = 0.05 / (below + 0.05)
  grass = clouds(x * far * 4, far * 4, rng, 0.5, pixel * 4, decay=0.75)
  ground = (
    leaf_colour(rng)
    if rng.random() < 0.65
    else mix(linear(150, 140, 125), linear(205, 188, 150), rng.random())
  )
  light = (0.8 + 0.25 * grass) * level
  fill(
    picture,
    np.maximum(ground * light[..., None], 0.003),
    np.clip((y - horizon) / (2 * pixel) + 0.5, 0, 1),
  )


def country(rng, sight, stage) -> np.ndarray:
  """The light (n, n, 3) of sky, hills and a meadow, sea or sand."""
  x, y = sight.x / sight.wide, sight.y / sight.wide
  pixel = sight.pixel / sight.wide
  level = _daylight(rng, stage)
  horizon = between(rng, -0.15, 0.5)
  height = (horizon - y) / between(rng, 0.5, 1.2)
  picture = sky_light(height, rng)
  white = clouds(x, 2.2 * y, rng, between(rng, 0.3, 0.9), pixel, decay=0.55)
  cover = ramp(white, between(rng, -0.6, 0.6), 1.2) * between(rng, 0.2, 0.9)
  fill(picture, linear(248, 248, 250), cover * ramp(height, 0, 0.25))
  picture *= min(level, 0.8) * between(rng, 0.7, 1.35)
  haze = picture[len(picture) // 2].mean(0)
  for near in range(int(rng.integers(0, 4))):
    ridge = clouds(x, 0 * x + near, rng, between(rng, 0.3, 0.9), pixel)
    edge = horizon - 0.02 - 0.1 * (ridge + 0.5) * between(rng, 0.2, 1.3)
    rough = clouds(x, y, rng, 0.06, pixel, octaves=4)
    colour = mix(leaf_colour(rng) * level, haze, 0.75 - 0.2 * near)
    shade = 1 + (0.1 + 0.1 * near) * rough
    over = np.clip((y - edge - 0.01 * rough) / (2 * pixel) + 0.5, 0, 1)
    fill(picture, colour * shade[..., None], over)
  if rng.random() < 0.3:  # water
    wave = clouds(x, 12 * y, rng, 0.3, pixel, decay=0.7)
    sea = mix(linear(60, 100, 125), haze, 0.3) * level
    fill(
      picture,
      sea * (1 + 0.25 * wave)[..., None],
      np.clip((y - horizon) / (2 * pixel) + 0.5, 0, 1),
    )
  else:
    _lawn(picture, rng, x, y, pixel, horizon, level)
  return np.maximum(picture, 0.002)


def street(rng, sight, stage) -> np.ndarray:
  """The light (n, n, 3) of a street between houses."""
  turn = np.radians(between(rng, -40, 40))
  tip = np.radians(between(rng, -8, 3))
  ahead = np.cos(tip) - sight.y * np.sin(tip)
  y = sight.y * np.cos(tip) + np.sin(tip)
  x = sight.x * np.cos(turn) + ahead * np.sin(turn)
  z = ahead * np.cos(turn) - sight.x * np.sin(turn)
  night = stage.mood == 'low key' or rng.random() < 0.12
  level = _daylight(rng, stage) * (0.25 if night else 1.0)
  sky = sky_light(0.25 - 2.2 * y, rng) * between(rng, 1.0, 2.2)
  picture = sky * (0.06 if night else 1.0) * max(level, 0.3)
  haze = picture[0].mean(0)
  left, right = between(rng, 2.5, 9), between(rng, 2.5, 9)
  end = between(rng, 14, 60)
  sides = (
    (end / np.maximum(z, 1e-3), x, 0.75),
    (left / np.maximum(-x, 1e-3), z, 1.0),
    (right / np.maximum(x, 1e-3), -z, 0.6),
  )
  nearest = np.minimum(np.minimum(sides[0][0], sides[1][0]), sides[2][0])
  sunny = 1 if stage.key[0] < 0 else 2
  for number, (far, along, _) in enumerate(sides):
    far = np.minimum(far, 200)
    u, v, soft = along * far, y * far, sight.pixel * far
    bright = 1.0 if number == sunny else 0.6
    house = _facade(u, v, soft, rng, night)
    tall = between(rng, 5, 16) + 2 * np.floor(np.sin(np.floor(u / 9) * 7) + 0.5)
    mist = np.clip(far / 160, 0, 0.5)[..., None]
    house = mix(house * bright * level, haze, mist)
    seen = (far <= nearest * (1 + 1e-9)) & (v < 1.5)
    fill(picture, house, seen * np.clip((v + tall) / soft + 0.5, 0, 1))
  far = np.minimum(1.5 / np.maximum(y, 1e-3), 200)
  u, v = x * far, z * far
  rough = clouds(u, v, rng, 1.5, float(sight.pixel * 8), decay=0.7)
  road = linear(*(95 + 60 * rng.random() + np.array([2, 0, 0])))
  walk = np.abs(u) > min(left, right) * 0.6
  road = road * (0.8 + 0.15 * rough + 0.35 * walk)[..., None] * level
  fill(picture, road, np.clip((nearest - far) / 0.2, 0, 1))
  _roadside(picture, rng, sight, stage, level, night)
  return np.maximum(picture, 0.002)


def _facade(u, v, soft, rng, night: bool) -> np.ndarray:
  """Colour (n, n, 3) of houses in a row; v is 1.5 at the pavement."""
  colours = np.array([wall_colour(rng) for _ in range(8)])
  colours[rng.random(8) < 0.35] = mix(
    linear(120, 66, 50), linear(165, 118, 92), rng.random()
  )
  house = colours[np.floor(u / 9).astype(np.int64) % 8]
  pixel = float(soft.sum() / soft.size)
  stain = clouds(u, v, rng, 1.5, pixel, decay=0.7)
  picture = house * (0.85 + 0.1 * stain)[..., None]
  wide, tall = between(rng, 1.6, 3.2), between(rng, 2.7, 3.4)
  column, row = np.floor(u / wide), np.floor((v - 1.5) / tall)
  number = (column.astype(np.int64) * 37 + row.astype(np.int64) * 101) % 512
  chance = rng.random((512, 3))[number]
  p, q = u - column * wide, v - 1.5 - row * tall
  half, low = wide * between(rng, 0.2, 0.36), tall * between(rng, 0.7, 0.85)
  shop = row == -1
  half = np.where(shop, wide * 0.44, half)
  rim = box(
    p, q, wide / 2 - half - 0.1, 0.45, wide / 2 + half + 0.1, low + 0.1, soft
  )
  fill(picture, mix(picture, 0.7, 0.5), rim)
  glass = linear(38, 48, 58) + linear(150, 175, 200) * (
    0.6 * chance[..., :1] ** 2 * (1.2 - q / tall)[..., None]
  )
  if night:
    glass = mix(
      linear(14, 17, 24), linear(255, 205, 130) * 8, chance[..., 1:2] > 0.6
    )
  pane = box(p, q, wide / 2 - half, 0.5, wide / 2 + half, low, soft)
  bar = np.clip(np.abs(p - wide / 2) / soft - 0.5, 0, 1)
  fill(picture, glass, pane * np.where(shop, 1, bar))
  awning = colours[number % 8] * [1.0, 0.55, 0.5] * 0.8
  cover = box(p, q, 0.1, 0.25, wide - 0.1, 0.85, soft) * shop
  fill(picture, awning, cover * (chance[..., 2] > 0.5))
  ledge = np.clip(1 - np.abs(q - 0.05) / np.maximum(0.1, soft), 0, 1)
  fill(picture, picture * 0.6, 0.8 * ledge)
  return picture


def _roadside(picture, rng, sight, stage, level, night) -> None:
  """Trees, cars, people far off and, at night, lights."""
  x, y = sight.x / sight.wide, sight.y / sight.wide
  pixel = sight.pixel / sight.wide
  if rng.random() < 0.5:
    at, reach = between(rng, -0.6, 0.6), between(rng, 0.15, 0.5)
    leaves = clouds(x, y, rng, 0.15, pixel, decay=0.75)
    crown = 1 - np.sqrt((x - at) ** 2 + 0.7 * (y + 0.3) ** 2) / reach
    lit = ramp(leaves - y, -0.6, 1)[..., None]
    colour = leaf_colour(rng) * (0.25 + lit) * level
    fill(picture, colour, ramp(leaves + 2.5 * crown, 0.3, 0.6))
  for _ in range(int(rng.integers(0, 4))):
    at, top = between(rng, -0.6, 0.6), between(rng, 0.05, 0.35)
    wide, tall = between(rng, 0.05, 0.35), between(rng, 0.1, 0.3)
    round_off = 0.3 * tall * (2 * (x - at) / wide) ** 4
    cover = box(
      x, y - round_off, at - wide / 2, top, at + wide / 2, top + tall, 3 * pixel
    )
    shade = 0.5 + 0.9 * ramp(y, top + 0.5 * tall, top)
    fill(picture, 0.5 * cloth_colour(rng) * shade[..., None] * level, cover)
  if night:
    lamps(
      picture,
      rng,
      x,
      y,
      pixel,
      int(rng.integers(10, 45)),
      linear(255, 190, 110),
    )
