"""Camera, lights and the wall behind: what surrounds a person."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.surface import linear, mix, ramp
from data_pipelines.synthetic.traits import Traits

WALLS = ('plain', 'gradient', 'blobs', 'shelves', 'window', 'panels')


class Stage(NamedTuple):
  """A static camera and static lights."""

  view: float  # height in metres that the picture spans at the head
  distance: float  # metres from the camera to the resting head
  centre: tuple[float, float]  # metres, the resting head from the axis
  wall: float  # metres from the camera to the wall
  key: np.ndarray  # unit vector towards the key light, camera axes
  key_colour: np.ndarray
  fill: np.ndarray
  fill_colour: np.ndarray
  sky: np.ndarray  # ambient light from above
  ground: np.ndarray  # and from below


def stage(person: Traits) -> Stage:
  """The place in which a person is recorded."""
  rng = np.random.default_rng((person.wall, 1))
  side = 1 if rng.random() < 0.5 else -1
  azimuth = np.radians(side * (12 + 48 * rng.random()))
  height = np.radians(12 + 38 * rng.random())
  warm = rng.random() * 2 - 1
  tint = np.array([1 + 0.10 * warm, 1.0, 1 - 0.14 * warm])
  contrast = rng.random()
  lift = 1 + 0.30 * person.darkness
  back = np.radians(-side * (35 + 40 * rng.random()))
  return Stage(
    view=0.295 + 0.065 * rng.random(),
    distance=0.75 + 0.7 * rng.random(),
    centre=(0.03 * (rng.random() - 0.5), -0.018 + 0.016 * rng.random()),
    wall=2.0 + 2.0 * rng.random(),
    key=_towards(azimuth, height),
    key_colour=tint * mix(0.55, 0.95, contrast) * lift,
    fill=_towards(back, 0.15),
    fill_colour=tint[::-1] * mix(0.30, 0.10, contrast) * lift,
    sky=mix(0.44, 0.26, contrast) * lift * (0.5 + 0.5 * tint[::-1]),
    ground=mix(0.26, 0.13, contrast) * lift * np.array([1.05, 1.0, 0.94]),
  )


def _towards(azimuth: float, height: float) -> np.ndarray:
  """Unit vector to a light beside and above the camera, radians."""
  flat = np.cos(height)
  return np.array(
    [flat * np.sin(azimuth), -np.sin(height), -flat * np.cos(azimuth)]
  )


def wall(person: Traits, size: int) -> np.ndarray:
  """The background (size, size, 3), out of focus, linear light."""
  rng = np.random.default_rng((person.wall, 2))
  kind = WALLS[int(rng.integers(len(WALLS)))]
  at = (np.arange(size) + 0.5) / size
  x, y = at[None, :], at[:, None]
  one = _paint(rng)
  two = mix(one, _paint(rng), 0.3 + 0.5 * rng.random())
  lamp = (x - rng.random()) ** 2 + (y - 0.6 * rng.random()) ** 2
  glow = 0.7 + 0.6 * np.exp(-lamp / 0.3)
  picture = np.broadcast_to(one, (size, size, 3)).copy()
  if kind == 'gradient':
    turn = rng.random() * 2 - 1
    picture = mix(one, two, ramp(y + turn * x, 0, 1 + turn)[..., None])
  if kind == 'blobs':
    for _ in range(9):
      u, v, radius = rng.random(), rng.random(), 0.06 + 0.16 * rng.random()
      away = np.sqrt((x - u) ** 2 + (y - v) ** 2)
      disc = ramp(away, radius * 1.25, radius * 0.75) * (
        0.3 + 0.5 * rng.random()
      )
      picture = mix(picture, _paint(rng), disc[..., None])
  if kind == 'shelves':
    picture = _shelves(picture, x, y, two, rng)
  if kind == 'window':
    left, wide = rng.random() * 0.7, 0.25 + 0.3 * rng.random()
    pane = ramp(np.abs(x - left - wide / 2), wide / 2 + 0.02, wide / 2 - 0.02)
    pane = pane * ramp(y, 0.85, 0.8)
    bar = ramp(np.abs(x - left - wide / 2), 0.008, 0.022)
    sky = mix(
      linear(205, 222, 238), linear(150, 175, 150), ramp(y, 0.1, 0.8)[..., None]
    )
    picture = mix(picture, sky, (pane * bar)[..., None])
  if kind == 'panels':
    count = 2 + 3 * rng.random()
    wave = np.sin(2 * np.pi * (count * x + rng.random()))
    picture = mix(picture, two, ramp(wave, -0.15, 0.15)[..., None])
  return picture * np.broadcast_to(glow, (size, size))[..., None]


def _paint(rng) -> np.ndarray:
  """A muted wall colour, linear light."""
  value = 30 + 190 * rng.random()
  return linear(*np.clip(value + 52 * (rng.random(3) - 0.5), 8, 245))


def _shelves(picture, x, y, board, rng) -> np.ndarray:
  """Three rows of books."""
  size = len(picture)
  for row in range(3):
    top, at = 0.05 + 0.3 * row, -0.1
    while at < 1.05:
      wide, tall = 0.03 + 0.06 * rng.random(), 0.14 + 0.1 * rng.random()
      colour, there = _paint(rng) * 0.8, rng.random() < 0.8
      ends = np.clip([(at - wide) * size, (at + wide) * size + 1], 0, size)
      span = slice(*ends.astype(int))
      book = _box(x[:, span] - at, wide) * _box(y - top - 0.24 + tall / 2, tall)
      cover = 0.8 * there * book[..., None]
      picture[:, span] = mix(picture[:, span], colour, cover)
      at += wide + 0.01
    plank = ramp(np.abs(y - top - 0.255), 0.022, 0.01) * np.ones_like(x)
    picture = mix(picture, board, plank[..., None])
  return picture


def _box(away, width: float) -> np.ndarray:
  """1 within half a width of 0, with soft edges."""
  return ramp(np.abs(away), width / 2 + 0.008, width / 2 - 0.008)
