"""Where the camera and the lights stand around a person."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.surface import mix
from data_pipelines.synthetic.traits import Traits

USUAL_VIEW = 0.327  # metres; then a face is as large as crops of videos have it
SHIFT = 0.15  # share of the picture by which a face may be off its middle
HIGHER = -0.03  # share by which the eyes are above it


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
  mood: str  # which of LAMPS


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
  mood = list(LAMPS)[int((rng.random() > shares[:-1]).sum())]
  lamps = LAMPS[mood]
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
    mood=mood,
  )


def _towards(azimuth: float, height: float) -> np.ndarray:
  """Unit vector to a light beside and above the camera, radians."""
  flat = np.cos(height)
  return np.array(
    [flat * np.sin(azimuth), -np.sin(height), -flat * np.cos(azimuth)]
  )
