"""Glasses, shoulders and clothes."""

import numpy as np

from data_pipelines.synthetic.anatomy import anatomy
from data_pipelines.synthetic.clouds import clouds
from data_pipelines.synthetic.head import Head
from data_pipelines.synthetic.paint import cloth_colour
from data_pipelines.synthetic.surface import (
  Patch,
  bump,
  linear,
  mix,
  ramp,
  round_off,
  spline,
  texels,
)
from data_pipelines.synthetic.traits import Traits

# Height, half width, front, back of the torso's cross-sections, in mm.
TORSO = np.array([
  (124, 34, 4, 50),
  (142, 45, 16, 60),
  (153, 68, 38, 80),
  (161, 88, 48, 84),
  (170, 114, 56, 86),
  (181, 146, 64, 88),
  (195, 176, 72, 88),
  (216, 198, 84, 90),
  (252, 212, 98, 94),
  (330, 222, 116, 98),
], dtype=float)  # fmt: skip
OUTFITS = ('crew', 'vee', 'shirt', 'suit', 'turtle', 'hoodie')


def glasses(person: Traits, face: Head, k: int) -> list[Patch]:
  """Rims, bridge and temples in this person's mm."""
  if not person.glasses:
    return []
  rng = np.random.default_rng((person.seed, 3))
  colour = linear(*(10 + 60 * rng.random(3) * rng.random()))
  around = np.linspace(0, 2 * np.pi, 37)
  power = mix(2.0, 4.5, person.glasses_shape)
  sine, cosine = round_off(around, power)
  half, tall = 24.0, mix(20, 16.5, person.glasses_shape)
  marks = face.position[anatomy().landmarks]
  middle = np.abs(face.eyes[:, 0]).mean() + 2
  eye_y = face.eyes[:, 1].mean()
  # Before the nose's bridge, and clear of brows and cheeks.
  z = min(marks[28, 2], marks[19:25, 2].min() + 4) - 5
  patches = []
  for side in (-1, 1):
    x = side * middle + half * cosine
    y = eye_y + 4 + tall * sine
    bend = z + 0.005 * x * x
    patches.append(_tube(np.stack([x, y, bend], -1), person, colour, k))
    out = middle + half
    start = np.array([side * out, eye_y - 4, z + 0.005 * out**2])
    ear = np.abs(marks[[0, 16], 0]).mean() + 4
    stop = np.array([side * ear, eye_y - 6, 10.0])
    patches.append(_tube(mix(start, stop, _line(8)), person, colour, k))
  inner = middle - half
  bridge = np.stack(
    [
      mix(-inner, inner, _line(8))[:, 0],
      eye_y - 1 - 3 * np.sin(np.pi * _line(8))[:, 0],
      np.full(8, z),
    ],
    -1,
  )
  patches.append(_tube(bridge, person, colour, k))
  return patches


def _line(count: int) -> np.ndarray:
  return np.linspace(0, 1, count)[:, None]


def _tube(path, person: Traits, colour, k: int) -> Patch:
  """A round wire along an (n, 3) path."""
  ahead = np.gradient(path, axis=0)
  ahead /= np.sqrt((ahead**2).sum(-1, keepdims=True))
  up = np.array([0.0, 0.0, 1.0]) + 0.3 * np.array([0.0, 1.0, 0.0])
  one = np.cross(ahead, up)
  one /= np.sqrt((one**2).sum(-1, keepdims=True))
  two = np.cross(ahead, one)
  psi = np.linspace(0, 2 * np.pi, 6)[:, None, None]
  ring = one * np.cos(psi) + two * np.sin(psi)
  position = path + person.glasses / 2 * ring
  shape = ((len(psi) - 1) * k, (len(path) - 1) * k, 3)
  return Patch(position, np.broadcast_to(colour, shape), gloss=0.5)


def shoulders(person: Traits, detail: float, k: int) -> list[Patch]:
  """The torso and its collar, in mm of the resting head's frame."""
  rng = np.random.default_rng((person.seed, 4))
  outfit = OUTFITS[int(rng.integers(len(OUTFITS)))]
  build = 0.86 + 0.14 * person.masculine + 0.06 * person.weight
  phi = np.linspace(-2.6, 2.6, 2 * round(36 * detail) + 1)
  t = np.linspace(0, len(TORSO) - 1, round(36 * detail) + 2)
  y, width, front, back = np.moveaxis(spline(TORSO, t)[:, None], -1, 0)
  width = width * mix(1, build, ramp(y, 140, 170))
  width = width * mix(0.86 + 0.13 * person.masculine, 1, ramp(y, 125, 160))
  sine, cosine = round_off(phi, 2.15)
  low = 16 * ramp(np.cos(phi), 0.2, 1) * (1 - ramp(y, 160, 300))
  position = np.stack(
    [
      width * sine,
      y + low,
      (back - front) / 2 - (back + front) / 2 * cosine,
    ],
    -1,
  )
  fine = texels(position, k)
  rest = texels(np.dstack(np.broadcast_arrays(y, phi)), k)
  cloth = _cloth(fine, rest, outfit, person, rng)
  patches = [Patch(position, cloth, gloss=0.03)]
  if outfit in ('shirt', 'suit', 'turtle', 'hoodie'):
    patches.append(_collar(person, outfit, detail, k, cloth[-1, 0]))
  return patches


def _cloth(fine, rest, outfit: str, person: Traits, rng) -> np.ndarray:
  """Colour of the torso's texels; skin above the neckline."""
  x = fine[..., 0]
  level, phi = rest[..., 0], rest[..., 1]
  colour, second = cloth_colour(rng), cloth_colour(rng)
  albedo = np.broadcast_to(colour, fine.shape).copy()
  pattern, pitch = rng.integers(7), 9 + 16 * rng.random()
  if pattern == 0:
    stripe = ramp(np.sin(level * 2 * np.pi / pitch), -0.2, 0.2)
    albedo = mix(albedo, second, stripe[..., None])
  if pattern == 1:
    check = np.sin(x * 2 * np.pi / pitch) * np.sin(level * 2 * np.pi / pitch)
    albedo = mix(albedo, second, ramp(check, -0.1, 0.1)[..., None] * 0.5)
  if pattern == 2:  # a print
    spots = clouds(x, level, rng, 2 * pitch, 1.0, octaves=3)
    albedo = mix(albedo, second, ramp(spots, 0.1, 0.3)[..., None])
  weave = clouds(x, level, rng, 6.0, 1.0, octaves=3, decay=0.8)
  bend = clouds(x, level, rng, 60.0, 1.0, octaves=3)
  # Cloth hangs from the shoulders: folds run down and outwards.
  slope = 0.35 * x * (0.5 + rng.random()) + 26 * bend
  folds = np.sin(0.07 * (slope + 0.8 * level) + 6 * rng.random())
  folds = 0.6 * folds + 0.8 * bend
  rough = 0.04 + 0.14 * rng.random()
  shade = 1 + (0.08 + 0.14 * rng.random()) * folds + rough * weave
  albedo = albedo * np.maximum(shade, 0.2)[..., None]
  ahead = np.exp(-((x / 30) ** 2)) * (np.cos(phi) > 0)
  if outfit == 'suit':
    white = mix(linear(235, 236, 240), second, 0.3 * rng.random())
    white = white * (0.92 + 0.08 * folds)[..., None]
    edge = 18 + np.maximum(0, 250 - level) * 0.45
    inside = ramp(np.abs(x), edge, edge - 1.5) * (np.cos(phi) > 0)
    albedo = mix(np.minimum(albedo, 0.12), white, inside[..., None])
    lapel = ramp(np.abs(np.abs(x) - edge - 1), 2.0, 0.5) * (np.cos(phi) > 0)
    albedo = albedo * (1 - 0.6 * lapel)[..., None]
    tie = ramp(np.abs(x), 8 + 0.06 * (level - 150), 7 + 0.06 * (level - 150))
    tie = tie * (np.cos(phi) > 0) * (second[0] > 0.1)
    albedo = mix(albedo, 0.4 * second, tie[..., None])
  if outfit == 'shirt':  # the strip of buttons
    strip = np.abs(np.abs(x) - 14) < 0.8
    knob = (x / 4.5) ** 2 + ((np.mod(level, 62) - 31) / 4.5) ** 2 < 1
    front = np.cos(phi) > 0
    albedo = mix(albedo, 0.6 * albedo, (strip * front)[..., None])
    albedo = mix(albedo, mix(second, 0.6, 0.5), (knob * front)[..., None])
  neckline = {'crew': 150, 'vee': 152, 'turtle': 0, 'hoodie': 149}.get(
    outfit, 146
  )
  depth = {'vee': 34, 'shirt': 22}.get(outfit, 0) * (0.6 + 0.6 * rng.random())
  edge = neckline + depth * ahead
  seam = ramp(level, edge + 1.5, edge)
  hem = bump(0, level, 0, edge + 4, 1, 2.5) * (outfit in ('crew', 'vee'))
  albedo = albedo * (1 - 0.3 * hem)[..., None]
  skin = person.skin * mix(0.7, 0.95, ramp(level, 138, 160))[..., None]
  return mix(albedo, skin, seam[..., None])


def _collar(person: Traits, outfit: str, detail, k: int, colour) -> Patch:
  """A band around the neck, open in front for shirts."""
  gap = {'turtle': 0.0, 'shirt': 0.35, 'suit': 0.2, 'hoodie': 0.5}[outfit]
  phi = np.linspace(gap, 2 * np.pi - gap, 2 * round(24 * detail) + 1)
  q = np.linspace(0, 1, 5)[:, None]
  tall = {'turtle': 34, 'shirt': 24, 'suit': 24, 'hoodie': 26}[outfit]
  thick = {'turtle': 4, 'shirt': 4, 'suit': 4, 'hoodie': 15}[outfit]
  slim = 0.88 + 0.12 * person.masculine
  sine, cosine = round_off(phi)
  open_neck = outfit in ('shirt', 'suit')
  low = 14 * ramp(cosine, 0.2, 1)
  dip = open_neck * 20 * ramp(cosine, 0.3, 1) * (1 - q)
  out = mix(0.0, 13.0, q)
  roll = thick * np.sin(np.pi * np.clip(q + 0.15, 0, 1)) + out
  point = np.exp(-(((np.abs(np.pi - phi) - np.pi + gap) / 0.25) ** 2))
  droop = open_neck * 18 * point
  position = np.stack(
    [
      (58 * slim + roll) * sine,
      157 - tall * (1 - q) + low + dip + droop * q,
      19 - (52 + roll) * cosine,
    ],
    -1,
  )
  if outfit == 'suit':
    colour = linear(228, 229, 233)
  shape = ((len(q) - 1) * k, (len(phi) - 1) * k, 3)
  albedo = np.broadcast_to(colour * 0.95, shape)
  return Patch(position, albedo, gloss=0.03, double=True)
