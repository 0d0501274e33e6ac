"""Eyes and the inside of the mouth: painted anew in every frame."""

import numpy as np

from data_pipelines.synthetic.surface import linear, mix, ramp
from data_pipelines.synthetic.traits import Traits

EYEBALL = 13.8  # mm, radius
IRIS = 5.9
PUPIL = 2.1
TEETH = linear(236, 226, 208)
TONGUE = linear(176, 92, 90)
CAVE = linear(120, 48, 46)
WHITE = linear(226, 220, 214)
FLESH = linear(205, 125, 115)


def eyes(place, lids, light, pitch, person: Traits, glint) -> np.ndarray:
  """Colour (3, n) of eyeballs at points of their own frames.

  place: (3, n) mm from the eyeball's middle, x right, y down, z back, turned
  with the gaze. lids: (n,) mm below the upper lid's edge. light: (3,) falls
  on it. pitch: mm between samples, for soft edges. glint: (3, n) unit vector
  to where the key light is mirrored, in the same frame.
  """
  x, y, z = place
  length = np.sqrt(np.maximum(x * x + y * y + z * z, 1e-9))
  x, y, z = x / length, y / length, z / length
  radius = EYEBALL * np.sqrt(x * x + y * y)
  radius = np.where(z < 0, radius, 2 * EYEBALL)
  soft = 0.4 * pitch + 0.2
  iris = ramp(radius, IRIS + soft, IRIS - soft)
  pupil = ramp(radius, PUPIL + soft, PUPIL - soft)
  rim = ramp(radius, 4.3, IRIS)
  inner = ramp(radius, 3.6, PUPIL)
  around = np.maximum(radius, 0.5)
  c, s = EYEBALL * x / around, EYEBALL * y / around
  # Sines of whole multiples of the angle, as polynomials of its own.
  spokes = (4 * c**3 - 3 * c) * s + (16 * s**5 - 20 * s**3 + 5 * s) * c
  # The cornea bends light to the iris's far side.
  across = -(c * glint[0] + s * glint[1]) * radius / IRIS
  shade = (1 + 0.25 * spokes + 0.5 * across) * (1.2 - 0.85 * rim)
  colour = _column(person.iris)
  stained = mix(colour, 0.5 * (colour + 0.12), 0.5 * inner)
  stained = stained * np.maximum(shade, 0.1)
  ball = mix(_column(WHITE), _column(FLESH), 0.42 * ramp(radius, 6, 13))
  ball = ball * mix(1.0, 0.86, ramp(radius, IRIS + 2.2, IRIS))
  ball = mix(ball, stained, iris)
  ball = ball * (1 - 0.96 * pupil)
  mean = light.mean()
  roof = 0.4 + 0.6 * ramp(lids, -0.3, 4.2)
  ball = ball * roof * _column(mix(mean, light, 0.5))
  ball = ball * (0.92 - 0.15 * person.darkness)
  # The mirror image of a lamp, and of the room above it.
  near = x * glint[0] + y * glint[1] + z * glint[2]
  wide = 0.010 + 0.004 * pitch
  spark = ramp(1 - near, wide, 0.35 * wide)
  room = ramp(1 - near, 0.16, 0.03) * ramp(radius, IRIS + 1, IRIS - 1)
  wet = (0.9 * spark + 0.05 * room) * ramp(lids, 0, 1.2)
  return ball + wet * (0.3 + 0.7 * mean)


def _column(colour) -> np.ndarray:
  """A colour (3,) for points (n,)."""
  return np.asarray(colour)[:, None]


def teeth(x, along, light: float) -> np.ndarray:
  """Colour (3, n) of teeth, x mm from the middle.

  along: (n,) mm behind the lips.
  """
  seams = np.minimum(np.abs(np.sin(x * np.pi / 8.0)) * 5, 1)
  shade = (0.7 + 0.3 * seams) * ramp(along, 32, 4)
  return _column(TEETH) * (light * shade)


def mouth(colour, along, light: float) -> np.ndarray:
  """Colour (3, n) of tongue and flesh, `along` mm behind the lips."""
  shade = 0.06 + 0.94 * ramp(along, 42, 2) ** 2
  return colour * (light * shade)
