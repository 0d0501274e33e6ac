"""The colour of the head's skin: lips, cheeks, brows, beard, scalp, lines.

Formulas of canonical millimetres: features lie where the shared mesh has
them, and go with it into every shape and expression.
"""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.features import CAVE, TONGUE
from data_pipelines.synthetic.hair import BARE, hairline
from data_pipelines.synthetic.surface import bump, linear, mix, ramp
from data_pipelines.synthetic.texels import Texels, own_noise
from data_pipelines.synthetic.traits import Traits

EYE = (31.5, 0.0)  # where the shared mesh has an eye, the mouth and so on
MOUTH_Y, MOUTH_HALF = 67.8, 26.5
NOSE_Y = 38.0
# The edges of lids and lips: x and y of knots, from the middle outwards.
UPPER_LID = np.array([
  (20.3, 1.6), (21.9, -1.1), (23.5, -2.5), (27.1, -3.4), (31.4, -4.1),
  (35.1, -4.1), (38.5, -3.7), (40.7, -3.3), (42.2, -2.4), (43.5, 0.7),
])  # fmt: skip
LOWER_LID = np.array([
  (20.3, 1.6), (22.0, 2.7), (24.0, 3.0), (27.7, 3.5), (31.0, 3.7),
  (35.3, 3.7), (38.1, 3.2), (40.2, 2.8), (42.5, 1.8), (43.5, 0.7),
])  # fmt: skip
UPPER_LIP = np.array([
  (0, 60.2), (4, 59.0), (8, 58.6), (11, 58.8), (17.8, 61.4), (21, 63.2),
  (24, 65.4), (26.5, 67.6),
])  # fmt: skip
LOWER_LIP = np.array([
  (0, 78.2), (6, 77.8), (12.8, 76.2), (18.8, 73.8), (22.8, 71.2), (26.5, 67.9),
])  # fmt: skip


class _Skin(NamedTuple):
  """Points of the skin (n,), in canonical mm, and one person's noise there."""

  x: np.ndarray
  y: np.ndarray
  z: np.ndarray
  a: np.ndarray  # distance from the middle
  ahead: np.ndarray  # 1 on the face to 0 behind it
  blotch: np.ndarray  # smooth noise, coarse
  patchy: np.ndarray  # finer
  fine: np.ndarray  # finer still
  pores: np.ndarray  # of a few millimetres
  grain: np.ndarray  # independent noise


def brow(a, person: Traits) -> np.ndarray:
  """Height in mm of the brow's middle, a mm beside the face's middle."""
  u = np.clip((a - 12) / 40, 0, 1)
  arch = -16.2 - 5.3 * np.sin(np.pi * (0.1 + 0.75 * u)) + 4 * ramp(u, 0.7, 1.0)
  return arch + person.brow_y - person.brow_tilt * (a - 30)


def albedo(at: Texels, inner: np.ndarray, person: Traits) -> np.ndarray:
  """Linear colour (t, 3) of all texels; inner: (i,) which of the first few
  are the tongue's rather than the mouth's.
  """
  rng = np.random.default_rng((person.seed, 5))
  x, y, z = np.ascontiguousarray(at.place.T)
  mixed = [own_noise(fields, rng) for fields in (*at.noise, at.grain)]
  spot = _Skin(x, y, z, np.abs(x), ramp(z, -25, -60), *mixed)
  colour = _bare(spot, person)
  face = np.flatnonzero(z < -20)
  part = _Skin(*(field[face] for field in spot))
  colour[face] = _face(colour[face], part, person, rng)
  colour = _scalp(colour, spot, person)
  first = mix(CAVE, TONGUE, inner[:, None].astype(float))
  return np.concatenate([first, np.clip(colour, 0.002, 1)])


def _bare(at: _Skin, person: Traits) -> np.ndarray:
  """Skin without features."""
  shade = 1 + 0.045 * at.blotch + 0.04 * at.patchy + 0.03 * at.fine
  shade += 0.03 * at.pores + 0.03 * at.grain
  colour = person.skin * shade[..., None]
  red = 0.10 * at.blotch + 0.08 * at.fine + 0.05 * at.patchy
  ear = ramp(at.a, 66, 74) * ramp(at.z, -8, 2) * bump(0, at.y, 0, 20, 1, 34)
  red += (0.35 + 0.3 * person.blush) * ear
  return colour * (1 + _reddened(red, person))


def _reddened(red, person: Traits) -> np.ndarray:
  """What blood (n,) adds to a colour's share of each channel: (n, 3)."""
  return (red * (1 - 0.5 * person.darkness))[:, None] * np.array(
    [0.05, -0.2, -0.19]
  )


def _face(colour, at: _Skin, person: Traits, rng) -> np.ndarray:
  """Adds the features of the head's front to colours (n, 3)."""
  x, y, _, a, ahead, *_ = at
  red = (0.4 + 0.5 * person.blush) * bump(a, y, 40, 32, 17, 15)
  red += (0.35 + 0.4 * person.blush) * bump(x, y, 0, NOSE_Y + 2, 16, 11)
  red += 0.25 * bump(x, y, 0, 98, 18, 10) - 0.12 * bump(x, y, 0, -45, 45, 20)
  red += 0.5 * person.makeup * bump(a, y, 45, 26, 15, 10)
  red += 0.5 * bump(a, y, *EYE, 14, 8)
  colour = colour * (1 + _reddened(red * ahead, person))
  colour *= 1 - (_lines(x, y, a, person) * ahead)[:, None]
  tired = bump(a, y, EYE[0] - 3, 11, 12, 4.5) * ahead
  colour *= 1 - 0.2 * (0.35 + person.age) * tired[:, None] * (0.6, 0.95, 0.75)
  colour = _freckles(colour, at, person, rng)
  colour = _whiskers(colour, at, person)
  colour = _within((0, 90), (-45, 30), _lids, colour, at, person)
  colour = _within((0, 28), (40, 95), _lips, colour, at, person)
  nostril = bump(a, y, 7.6, 44.8, 4.4, 2.2) * ramp(at.z, -94, -88)
  colour *= 1 - 0.6 * nostril[:, None]
  return _within((3, 60), (-60, 20), _brows, colour, at, person)


def _within(beside, height, draw, colour, at: _Skin, person: Traits):
  """Draws a feature on the skin `beside` the middle and at a `height`, in mm:
  beyond, it would change nothing.
  """
  inside = (at.a >= beside[0]) & (at.a <= beside[1])
  inside = np.flatnonzero(inside & (at.y > height[0]) & (at.y < height[1]))
  part = _Skin(*(field.take(inside) for field in at))
  colour[inside] = draw(colour.take(inside, 0), part, person)
  return colour


def _lines(x, y, a, person: Traits) -> np.ndarray:
  """Darkness of wrinkles: beside the nose, on the forehead, by the eyes."""
  age = ramp(person.age, 0.2, 1.0) * (0.5 + 0.8 * person.creases)
  fold = a - (17 + 0.42 * (y - NOSE_Y) + 0.004 * (y - NOSE_Y) ** 2)
  dark = (
    (0.03 + 0.14 * age)
    * np.exp(-((fold / 1.7) ** 2))
    * bump(0, y, 0, 56, 1, 13)
  )
  wave = y + 0.0025 * x**2 + 1.5 * np.sin(x / 11 + person.creases * 6)
  forehead = np.maximum(np.sin(wave * 2 * np.pi / 10.5), 0) ** 6
  dark += 0.15 * age * forehead * bump(x, y, 0, -43, 36, 13)
  frown = np.exp(-(((a - 6) / 1.2) ** 2)) * bump(0, y, 0, -14, 1, 7)
  dark += 0.15 * age * frown
  crow = np.maximum(np.sin((y - 2) * 0.9 - (a - 50) * 0.5), 0) ** 4
  dark += 0.14 * age * crow * bump(a, y, 52, 2, 6, 9)
  bags = y - 13.5 + 0.02 * (a - EYE[0]) ** 2
  dark += (
    0.15 * age * np.exp(-((bags / 1.4) ** 2)) * bump(a, 0, EYE[0], 0, 12, 1)
  )
  return dark


def _freckles(colour, at: _Skin, person: Traits, rng) -> np.ndarray:
  """Freckles over nose and cheeks, and a few moles anywhere."""
  x, y, _, a, ahead, *_ = at
  if person.freckles:
    where = bump(a, y, 24, 24, 34, 20) * ahead * person.freckles
    spots = ramp(at.pores + 0.5 * at.grain, 0.62 - 0.3 * where, 0.85)
    colour = colour * (1 - (0.5 * spots * where)[:, None] * (0.5, 0.8, 0.95))
  for _ in range(int(6 * rng.random() ** 2)):
    u, v = 55 * (2 * rng.random() - 1), -50 + 150 * rng.random()
    away = np.sqrt((x - u) ** 2 + (y - v) ** 2)
    radius = 0.7 + 1.1 * rng.random() ** 2
    mole = ramp(away, radius + 0.5, radius - 0.5) * (0.35 + 0.4 * rng.random())
    colour = colour * (1 - mole[:, None] * (0.7, 0.85, 0.9))
  return colour


def _whiskers(colour, at: _Skin, person: Traits) -> np.ndarray:
  """Beard, moustache and the blue shade of shaven ones."""
  if not (person.stubble or person.moustache or person.beard):
    return colour
  x, y, z, a, _, _, patchy, fine, pores, grain = at
  edge = np.interp(a, (0, 20, 30, 44, 56, 68), (80, 78, 68, 54, 36, 6))
  chin = ramp(y + 4 * patchy + 3 * fine + 3 * grain, edge - 7, edge + 9)
  chin *= 1 - ramp(y + 0.35 * (z + 20), 104, 118)
  chin *= 1 - (1 - ramp(y, 79, 84)) * ramp(a, 30, 19)
  top = np.interp(a, (0, 8, 18, 28), (51, 50, 53, 60))
  lip = ramp(y + grain, top, top + 4) * ramp(a, 33, 26)
  lip *= ramp(y, 70 + 22 * ramp(a, 22, 28), 64)
  lip *= 1 - 0.5 * bump(x, y, 0, 55, 1.6, 5)
  chin, lip = np.clip(chin, 0, 1), np.clip(lip, 0, 1)
  roots = 0.75 + 0.5 * grain + 0.3 * pores
  shaven = 0.42 * person.stubble * np.maximum(chin, lip * 0.9) * roots
  tint = mix(person.skin, np.minimum(person.hair_colour, 0.08), 0.75)
  colour = mix(colour, tint, (shaven * (1 - 0.5 * person.darkness))[:, None])
  full = np.maximum(
    chin * (person.beard > 0) * (0.55 + 0.4 * person.beard),
    lip * person.moustache * 0.95,
  )
  strands = person.hair_colour * (0.75 + 0.4 * grain + 0.3 * pores)[:, None]
  return mix(colour, strands, (full * (0.9 + 0.3 * grain)).clip(0, 1)[:, None])


def _lids(colour, at: _Skin, person: Traits) -> np.ndarray:
  """Lashes, the lids' wet rims, and what is painted on them."""
  _, y, _, a, ahead, *_ = at
  within = ramp(a, 18.5, 21.5) * ramp(a, 46.5, 43) * ahead
  upper = y - np.interp(a, *UPPER_LID.T)
  lower = y - np.interp(a, *LOWER_LID.T)
  shadow = bump(a, y, EYE[0] + 1, -9, 14, 6) * ahead
  shade = linear(120, 84, 84)
  colour = mix(colour, shade, (0.5 * person.makeup * shadow)[:, None])
  rim = np.exp(-((lower / 0.8) ** 2)) * within
  colour = mix(colour, linear(214, 150, 140) * 0.9, (0.4 * rim)[:, None])
  thick = 0.8 + 0.6 * person.makeup + 0.25 * (1 - person.masculine)
  outer = 0.65 + 0.35 * ramp(a, 22, 40)
  lash = np.exp(-(((upper + 0.5) / thick) ** 2)) * within * outer
  under = np.exp(-(((lower - 0.9) / 0.6) ** 2)) * within * outer
  under *= 0.22 + 0.4 * person.makeup
  dark = np.clip(0.94 * lash + under, 0, 0.94)
  return colour * (1 - dark)[:, None]


def _lips(colour, at: _Skin, person: Traits) -> np.ndarray:
  """The red of the lips, with its creases."""
  x, y, z, a, ahead, _, patchy, fine, pores, _ = at
  top, bottom = np.interp(a, *UPPER_LIP.T), np.interp(a, *LOWER_LIP.T)
  sharp = 1.0 - 0.4 * person.makeup
  inside = ramp(y, top - sharp, top + sharp) * ramp(
    y, bottom + sharp + 0.4, bottom - sharp
  )
  inside = inside * ramp(a, MOUTH_HALF + 1.2, MOUTH_HALF - 1.5)
  inside = np.maximum(inside, ramp(a, 25, 22) * bump(0, y, 0, MOUTH_Y, 1, 4))
  bare = person.skin * mix(
    np.array([0.86, 0.53, 0.53]), np.array([0.82, 0.64, 0.66]), person.darkness
  )
  rouge = mix(linear(180, 58, 66), bare, 0.35)
  tone = mix(bare, rouge, 0.8 * person.makeup)
  shade = 0.9 + 0.2 * ramp(y, MOUTH_Y, MOUTH_Y + 5)
  creases = np.sin(x * 2.3 + 2 * fine) * np.sin(x * 1.1 + 3 * patchy)
  shade = shade * (1 + 0.06 * creases + 0.05 * pores)
  # The rim where the lips meet is darker.
  wet = np.exp(-(((y - MOUTH_Y) / 1.4) ** 2)) * ramp(z, -95, -88)
  shade = shade * (1 - 0.3 * wet)
  strength = (0.78 + 0.2 * person.makeup) * inside * ahead
  return mix(colour, tone * shade[:, None], strength[:, None])


def _brows(colour, at: _Skin, person: Traits) -> np.ndarray:
  """Hairs along an arch, dense inside and thin outside."""
  _, y, _, a, ahead, _, _, fine, pores, grain = at
  u = np.clip((a - 12) / 40, 0, 1)
  thick = person.brow_thick * (1 - 0.6 * ramp(u, 0.35, 1.0))
  off = y - brow(a, person)
  away = np.abs(off) / thick
  stroke = np.sin((a + 1.1 * off) * 2.6 + 3 * fine)
  hairs = 0.8 + 0.22 * grain + 0.2 * pores + 0.22 * stroke
  frayed = away + 0.25 * fine + 0.2 * grain
  mask = ramp(frayed, 1.35, 0.45) * ramp(a + 2 * pores, 9, 15)
  mask *= ramp(a + 2 * pores, 54, 46) * ahead
  dark = mask * hairs * person.brow_dark
  tone = mix(np.minimum(person.hair_colour, 0.25), person.skin * 0.15, 0.3)
  return mix(colour, tone, np.clip(dark, 0, 0.93)[:, None])


def _scalp(colour, at: _Skin, person: Traits) -> np.ndarray:
  """Roots under the hair, their edge frayed; a shadow below them."""
  if person.hat:
    return colour
  degrees = np.degrees(np.arctan2(at.x, 12 - at.z))
  line = hairline(degrees, person)
  depth = line - at.y + 4 * at.patchy + 3 * at.fine + 2.5 * at.grain
  root = ramp(depth, -2, 6)
  # An ear stands before the hair around it.
  root = root * (1 - ramp(at.a, 71, 74) * bump(0, at.y, 0, 18, 1, 30))
  if person.hair_style == 'bald':
    root = root * ramp(at.y, BARE - 14, BARE + 6)
  cover = 0.6 if person.hair_style == 'bald' else 0.92
  shade = 1 - 0.2 * ramp(depth, -16, -2) * (person.hair_style != 'bald')
  colour = colour * shade[:, None]
  roots = person.hair_colour * (0.6 + 0.3 * at.grain)[:, None]
  return mix(colour, roots, (cover * root)[:, None])
