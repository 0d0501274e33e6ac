"""Colours of walls, wood, cloth and sky, and soft-edged shapes to fill."""

import numpy as np

from data_pipelines.synthetic.surface import linear, mix


def box(u, v, left, top, right, bottom, soft) -> np.ndarray:
  """1 within a rectangle, 0 outside; the edges are as wide as `soft`."""
  across = np.minimum(u - left, right - u)
  along = np.minimum(v - top, bottom - v)
  return np.clip(np.minimum(across, along) / soft + 0.5, 0, 1)


def fill(picture: np.ndarray, colour, cover) -> None:
  """Paints (..., 3) colour over a picture in place, as far as it covers."""
  picture += (colour - picture) * cover[..., None]


def between(rng, low: float, high: float) -> float:
  """A random number."""
  return float(low + (high - low) * rng.random())


def wall_colour(rng) -> np.ndarray:
  """White, cream, grey and pastel most of the time, linear light."""
  value = 245 - 150 * rng.random() ** 1.6
  warm = 0.10 * (rng.random() ** 2) * value
  tint = np.array([1.0, 0.25, -1.0]) * (warm if rng.random() < 0.75 else -warm)
  strong = 70 if rng.random() < 0.15 else 12
  return linear(*np.clip(value + tint + strong * (rng.random(3) - 0.5), 8, 250))


def wood_colour(rng) -> np.ndarray:
  """Walnut to oak to white lacquer, linear light."""
  if rng.random() < 0.2:
    return linear(*(200 + 40 * rng.random() - np.array([0, 4, 12])))
  return mix(linear(62, 38, 24), linear(205, 165, 118), rng.random())


def cloth_colour(rng) -> np.ndarray:
  """Any colour, the strong ones seldom, linear light."""
  value = 25 + 200 * rng.random()
  strength = 150 * rng.random() ** 2
  return linear(*np.clip(value + strength * (rng.random(3) - 0.5), 5, 250))


def leaf_colour(rng) -> np.ndarray:
  """Green, now and then yellow or brown, linear light."""
  green = mix(linear(48, 84, 30), linear(120, 140, 60), rng.random())
  autumn = mix(linear(150, 110, 40), linear(140, 70, 30), rng.random())
  return mix(green, autumn, rng.random() if rng.random() < 0.25 else 0.0)


def sky_light(height, rng) -> np.ndarray:
  """The light (..., 3) of a sky; height 0 at the horizon, 1 well above."""
  kind = rng.random()
  if kind < 0.35:  # overcast
    low, high = linear(238, 240, 243), linear(205, 212, 222)
  elif kind < 0.75:
    low, high = linear(212, 228, 242), linear(88, 140, 212)
  elif kind < 0.9:  # evening
    low, high = linear(250, 205, 160), linear(120, 140, 185)
  else:  # dusk
    low, high = linear(140, 120, 130), linear(30, 42, 80)
  return mix(low, high, np.clip(height, 0, 1)[..., None])
