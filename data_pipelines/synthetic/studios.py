"""Backdrops, stages and television studios: made to stand behind people."""

import numpy as np

from data_pipelines.synthetic.clouds import clouds
from data_pipelines.synthetic.paint import (
  between,
  box,
  cloth_colour,
  fill,
  wall_colour,
)
from data_pipelines.synthetic.surface import linear, mix, ramp


def studio(rng, sight, stage) -> np.ndarray:
  """The light (n, n, 3) of a backdrop."""
  x, y = sight.x / sight.wide, sight.y / sight.wide
  pixel = sight.pixel / sight.wide
  kind = rng.random()
  if kind < 0.40:
    return _paper(rng, x, y, stage)
  if kind < 0.60:
    return _muslin(rng, x, y, pixel, stage)
  if kind < 0.75:
    return _curtain(rng, x, y, pixel, stage)
  if kind < 0.85:
    return _flags(rng, x, y, pixel, stage)
  return _screens(rng, x, y, pixel)


def _glow(rng, x, y) -> np.ndarray:
  """Light of a lamp upon a backdrop, 1 where it is brightest."""
  u, v = between(rng, -0.7, 0.7), between(rng, -0.6, 0.5)
  reach, rest = between(rng, 0.25, 1.1), between(rng, 0.15, 0.9)
  return rest + (1 - rest) * np.exp(-((x - u) ** 2 + (y - v) ** 2) / reach**2)


def _level(stage) -> float:
  """How bright white paper would be behind this person."""
  return float(
    (stage.sky[1] + stage.ground[1]) / 2 + 0.35 * stage.key_colour[1]
  )


def _paper(rng, x, y, stage) -> np.ndarray:
  """A plain wall or seamless paper; white, grey and black most often."""
  kind = rng.random()
  if kind < 0.3:
    colour = linear(*(225 + 25 * rng.random(3) ** 2))
  elif kind < 0.5:
    colour = linear(*(15 + 60 * rng.random() + 8 * rng.random(3)))
  elif kind < 0.8:
    colour = wall_colour(rng)
  else:
    colour = cloth_colour(rng)
  second = mix(colour, wall_colour(rng), 0.25 * rng.random())
  turn = between(rng, -1, 1)
  slope = ramp(y + turn * x, -0.6, 0.6)[..., None]
  light = _level(stage) * between(rng, 0.5, 1.25)
  return mix(colour, second, slope) * _glow(rng, x, y)[..., None] * light


def _muslin(rng, x, y, pixel, stage) -> np.ndarray:
  """A mottled cloth as photographers hang it."""
  colour = cloth_colour(rng)
  second = colour * between(rng, 0.25, 0.7)
  spots = clouds(x, y, rng, between(rng, 0.2, 0.6), pixel, decay=0.6)
  picture = mix(colour, second, ramp(spots, -0.9, 0.9)[..., None])
  light = _level(stage) * between(rng, 0.6, 1.3)
  return picture * (_glow(rng, x, y) * light)[..., None]


def _curtain(rng, x, y, pixel, stage) -> np.ndarray:
  """Folds of cloth from above to below."""
  colour = cloth_colour(rng)
  bend = clouds(x * 3, y * 0.3, rng, 0.7, pixel, octaves=2)
  phase = (x + 0.05 * bend) * between(rng, 25, 70)
  folds = np.sin(phase) + 0.5 * np.sin(1.73 * phase + 4 * bend)
  shade = 0.62 + 0.28 * folds + 0.1 * clouds(x, y, rng, 0.2, pixel)
  light = _level(stage) * between(rng, 0.6, 1.2)
  shade = np.maximum(shade, 0.1) * _glow(rng, x, y) * light
  return colour * shade[..., None]


def _flags(rng, x, y, pixel, stage) -> np.ndarray:
  """Banners in bands of strong colours, hanging in folds before a wall."""
  picture = np.empty((*x.shape, 3))
  picture[:] = wall_colour(rng) * between(rng, 0.3, 0.9)
  start = between(rng, -0.7, -0.3)
  for _ in range(int(rng.integers(1, 4))):
    width = between(rng, 0.25, 0.6)
    bands = linear(230, 228, 224) * np.ones((7, 3))
    bands[::2] = linear(*(20 + 190 * rng.random(3) ** 2))
    if rng.random() < 0.5:
      bands[:3] = linear(*(20 + 150 * rng.random(3) ** 2))
    lean, pitch = between(rng, -0.8, 0.8), between(rng, 0.06, 0.16)
    wave = clouds(x * 4, y * 0.8, rng, 0.9, pixel, octaves=3)
    along = y + lean * (x - start) + 0.04 * wave
    colour = bands[np.clip((along + 0.5) / pitch, 0, 6).astype(np.int64)]
    edge = x + 0.03 * wave
    cover = box(edge, y, start, -1, start + width, 1, pixel)
    fill(picture, colour * (0.75 + 0.35 * wave)[..., None], cover)
    start += width * between(rng, 0.9, 1.6)
  return np.maximum(picture, 0.003) * _level(stage) * between(rng, 0.6, 1.1)


def _screens(rng, x, y, pixel) -> np.ndarray:
  """A dark studio with panels of light and lamps far behind."""
  base = linear(*(8 + 45 * rng.random(3)))
  picture = base * (1.2 - 0.8 * (y[..., None] + 0.5))
  hue = linear(*(40 + 215 * rng.random(3) ** 1.5))
  for _ in range(int(rng.integers(2, 7))):
    u, v = between(rng, -0.7, 0.5), between(rng, -0.6, 0.4)
    wide, tall = between(rng, 0.03, 0.6), between(rng, 0.05, 0.5)
    colour = mix(hue, linear(*(255 * rng.random(3))), rng.random() ** 2)
    fade = 0.6 + 0.4 * clouds(x, y, rng, 0.3, pixel, octaves=3)
    cover = box(x, y, u, v, u + wide, v + tall, 2 * pixel)
    fill(picture, colour * fade[..., None] * between(rng, 0.2, 1), cover)
  lamps(picture, rng, x, y, pixel, int(rng.integers(0, 30)), hue)
  return np.maximum(picture, 0.002)


def lamps(picture, rng, x, y, pixel, count: int, hue) -> None:
  """Adds points of light, which a lens makes discs of."""
  for _ in range(count):
    u, v, power = (
      between(rng, -0.55, 0.55),
      between(rng, -0.55, 0.2),
      rng.random(),
    )
    colour = mix(hue, linear(255, 225, 180), rng.random())
    small = 0.006 + pixel / 2
    spot = np.exp(-((x - u) ** 2 + (y - v) ** 2) / small**2)
    picture += colour * (spot * power**2 * 0.0012 / small**2)[..., None]
