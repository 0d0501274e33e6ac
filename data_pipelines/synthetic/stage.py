"""Camera, lights and the wall behind: what surrounds a person."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.surface import linear, mix, ramp
from data_pipelines.synthetic.traits import Traits

USUAL_VIEW = 0.327  # metres; then a face is as large as crops of videos have it
SHIFT = 0.15  # share of the picture by which a face may be off its middle
HIGHER = -0.03  # share by which the eyes are above it
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


class _Lamps(NamedTuple):
  """A way to light a person: ranges that one place is drawn from."""

  share: float  # of the places
  azimuth: tuple[float, float]  # degrees from the camera to the key light
  height: tuple[float, float]  # degrees of the key light above the head
  key: tuple[float, float]  # strength beside an ambient light of 1
  fill: tuple[float, float]
  bright: tuple[float, float]  # of a white surface that faces the camera


LAMPS = {
  'usual': _Lamps(
    0.30, (12, 60), (12, 50), (0.8, 2.4), (0.2, 0.8), (0.85, 1.1)
  ),
  'side': _Lamps(0.18, (55, 95), (0, 30), (1.5, 4), (0.1, 0.6), (0.65, 0.95)),
  'window': _Lamps(0.16, (40, 80), (10, 35), (1, 2), (0.1, 0.4), (0.75, 1.1)),
  'flat': _Lamps(0.16, (0, 30), (10, 60), (0.2, 0.7), (0, 0.3), (0.85, 1.15)),
  'low key': _Lamps(0.10, (20, 70), (15, 50), (4, 9), (0.2, 1.5), (0.45, 0.7)),
  'behind': _Lamps(
    0.10, (100, 150), (10, 50), (1.5, 4), (0.8, 1.6), (0.6, 0.9)
  ),
}


def stage(person: Traits) -> Stage:
  """The place in which a person is recorded."""
  rng = np.random.default_rng((person.wall, 1))
  between = lambda bounds: bounds[0] + (bounds[1] - bounds[0]) * rng.random()
  nearly = lambda: rng.random() + rng.random() - 1  # -1 to 1, 0 the likeliest
  scale = mix(1.0, 0.65 if (part := nearly()) < 0 else 1.35, abs(part))
  view = USUAL_VIEW / scale
  distance = between((0.5, 1.2)) * (1 + rng.random())
  # A face that fills the picture has less room to be elsewhere.
  room = SHIFT * min(1.0, 1.9 - scale) * view
  shares = np.cumsum([lamps.share for lamps in LAMPS.values()])
  lamps = list(LAMPS.values())[int((rng.random() > shares[:-1]).sum())]
  side = 1 if rng.random() < 0.5 else -1
  key = _towards(
    np.radians(side * between(lamps.azimuth)), np.radians(between(lamps.height))
  )
  fill = _towards(np.radians(-side * between((35, 75))), 0.15)
  warm = rng.random() * 2 - 1
  tint = np.array([1 + 0.10 * warm, 1.0, 1 - 0.14 * warm])
  key_colour, fill_colour = tint * between(lamps.key), between(lamps.fill)
  sky = (1.1 + 0.5 * rng.random()) * (0.5 + 0.5 * tint[::-1])
  ground = (0.5 + 0.4 * rng.random()) * np.array([1.05, 1.0, 0.94])
  # What the sensor would measure of a white surface that faces the camera.
  facing = max(-0.22, -key[2])
  seen = key_colour[1] * (facing + 0.22) / 1.22 - fill[2] * fill_colour
  exposure = between(lamps.bright) * (1 + 0.3 * person.darkness)
  exposure /= (sky[1] + ground[1]) / 2 + seen
  return Stage(
    view=view,
    distance=distance,
    centre=(room * nearly(), HIGHER * view + room * nearly()),
    wall=distance + 0.7 + 2.8 * rng.random() ** 1.5,
    key=key,
    key_colour=key_colour * exposure,
    fill=fill,
    fill_colour=tint[::-1] * fill_colour * exposure,
    sky=sky * exposure,
    ground=ground * exposure,
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
