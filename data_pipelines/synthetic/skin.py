"""The colour of the head's skin: lips, cheeks, brows, beard, scalp, lines."""

from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.hair import BARE, hairline
from data_pipelines.synthetic.head import Head
from data_pipelines.synthetic.surface import (
  bump,
  linear,
  mix,
  ramp,
  texels,
  waves,
)
from data_pipelines.synthetic.traits import Traits


class _Texels(NamedTuple):
  """Points of the head (..., each), in canonical mm."""

  x: np.ndarray
  y: np.ndarray
  z: np.ndarray
  bent: np.ndarray  # cosine of the angle from the front
  degrees: np.ndarray  # that angle
  blotch: np.ndarray  # smooth noise in [-1, 1], coarse
  patchy: np.ndarray  # finer
  grain: np.ndarray  # independent noise


def lips(x, person: Traits) -> tuple[np.ndarray, np.ndarray]:
  """Heights in mm of the red's upper and lower edge at x."""
  u = np.clip(1 - (x / person.mouth_half) ** 2, 0, 1)
  v = np.clip(1 - (x / (0.94 * person.mouth_half)) ** 2, 0, 1)
  bow = 1 - 0.24 * np.exp(-((x / 3.5) ** 2))
  top = person.mouth_y - person.lip_upper * u**0.8 * bow
  return top, person.mouth_y + person.lip_lower * v**0.75


def brow(a, person: Traits) -> np.ndarray:
  """Height in mm of the brow's middle, a mm beside the face's middle."""
  u = np.clip((a - 11) / 41, 0, 1)
  arch = person.brow_y - 4.2 * np.sin(np.pi * np.clip(0.15 + 0.75 * u, 0, 1))
  return arch - person.brow_tilt * (a - 30) + 5.5 * ramp(u, 0.7, 1.0)


def albedo(head: Head, person: Traits, k: int) -> np.ndarray:
  """Linear colour ((r - 1) k, (c - 1) k, 3) of the head's texels."""
  rng = np.random.default_rng((person.seed, 5))
  points = head.canonical
  level = np.arange(len(points))[:, None]
  bent = np.cos(head.phi) * np.ones_like(level)
  degrees = np.degrees(head.phi) * np.ones_like(level)
  blotch = waves(points, rng, 26)
  patchy = waves(points, rng, 9)
  fields = np.dstack([points, bent, degrees, blotch, patchy])
  fine = texels(fields, k)
  grain = rng.random(fine.shape[:2]) + rng.random(fine.shape[:2]) - 1
  fine = np.moveaxis(np.dstack([fine, grain]), -1, 0)
  edge = k * int(np.argmax(np.cos(head.phi) > -0.2))
  left, face, right = np.split(fine, [edge, fine.shape[2] - edge], axis=2)
  # Bands that fit a processor's cache take half the time.
  bands = np.array_split(face, 1 + face[0].size // 12_000, axis=2)
  painted = [_face(_Texels(*np.ascontiguousarray(b)), person) for b in bands]
  sides = [
    _scalp(_bare(at, person), at, person)
    for at in (_Texels(*left), _Texels(*right))
  ]
  return np.concatenate([sides[0], *painted, sides[1]], axis=1)


def _bare(at: _Texels, person: Traits) -> np.ndarray:
  """Skin without features, in the shadow of the chin."""
  shade = 1 + 0.05 * at.blotch + 0.035 * at.patchy + 0.03 * at.grain
  neck = ramp(at.y, 108, 124) * ramp(at.z, -86, -58)
  shade *= 1 - 0.5 * neck * (1 - 0.85 * ramp(at.y, 128, 168))
  return person.skin * shade[..., None]


def _face(at: _Texels, person: Traits) -> np.ndarray:
  """Linear colour (..., 3) of the head's front."""
  x, y, _, bent, _, blotch, patchy, grain = at
  a, ahead = np.abs(x), ramp(bent, 0.1, 0.35)
  colour = _bare(at, person) * _occlusion(x, y, ahead, person)[..., None]
  tip = person.nose_length
  red = 0.5 * bump(a, y, 43, 32, 18, 16) + 0.45 * bump(x, y, 0, tip, 13, 9)
  red += 0.25 * bump(x, y, 0, 104, 20, 10) + 0.12 * blotch
  red += 0.5 * person.makeup * bump(a, y, 47, 28, 16, 11)
  red *= ahead * (1 - 0.5 * person.darkness)
  colour *= 1 + red[..., None] * np.array([0.06, -0.2, -0.22])
  colour *= 1 - _lines(x, y, a, ahead, person)[..., None]
  tired = bump(a, y, person.eye_x - 2, person.eye_y + 11, 13, 5) * ahead
  colour *= 1 - 0.22 * (0.4 + person.age) * tired[..., None] * (0.6, 0.9, 0.8)
  shadow = bump(a, y, person.eye_x, person.eye_y - 6, 16, 6) * ahead
  colour *= 1 - person.makeup * 0.55 * shadow[..., None] * np.array(
    [0.5, 0.8, 0.7]
  )
  colour = _whiskers(colour, x, y, a, bent, grain, patchy, person)
  colour = _red_lips(colour, x, y, ahead, person)
  nostril = bump(a, y, 6.8 * person.nose_wide, tip + 7.2, 3.6, 1.8) * ahead
  colour *= 1 - 0.82 * np.minimum(nostril * 1.3, 1)[..., None]
  colour = _brows(colour, x, y, a, ahead, grain, person)
  return _scalp(colour, at, person)


def _occlusion(x, y, ahead, person: Traits) -> np.ndarray:
  """How open to the sky each point is: hollows are darker."""
  a, tip = np.abs(x), person.nose_length
  open_sky = 1 - 0.26 * bump(a, y, person.eye_x - 5, person.eye_y - 5, 17, 9)
  open_sky *= 1 - 0.18 * bump(a, y, 13, 4, 6, 13)
  open_sky *= 1 - 0.24 * bump(x, y, 0, tip + 9.5, 16 * person.nose_wide, 3.5)
  crease = person.nose_wide * 17.5
  open_sky *= 1 - 0.25 * bump(a, y, crease, tip + 3, 2.8, 8)
  under = person.mouth_y + person.lip_lower + 4
  open_sky *= 1 - 0.22 * bump(x, y, 0, under, 15, 4)
  open_sky *= 1 - 0.15 * bump(a, y, person.mouth_half + 2, person.mouth_y, 4, 5)
  return mix(1, open_sky, ahead)


def _lines(x, y, a, ahead, person: Traits) -> np.ndarray:
  """Darkness of wrinkles: beside the nose, on the forehead, by the eyes."""
  tip = person.nose_length
  age = ramp(person.age, 0.2, 1.0)
  fold = a - (person.nose_wide * 18 + 0.42 * (y - tip) + 0.004 * (y - tip) ** 2)
  dark = (
    (0.03 + 0.04 * person.masculine + 0.2 * age)
    * np.exp(-((fold / 1.9) ** 2))
    * bump(0, y, 0, 63, 1, 14)
  )
  wave = y + 0.0025 * x**2 + 1.5 * np.sin(x / 11)
  forehead = np.maximum(np.sin(wave * 2 * np.pi / 9.5), 0) ** 4
  dark += 0.15 * age * forehead * bump(x, y, 0, -43, 36, 13)
  frown = np.exp(-(((a - 6) / 1.3) ** 2)) * bump(0, y, 0, -18, 1, 7)
  dark += 0.16 * age * frown
  crow = np.maximum(np.sin((y - 2) * 0.9 - (a - 50) * 0.5), 0) ** 3
  dark += 0.15 * age * crow * bump(a, y, 53, 2, 7, 9)
  bags = a - person.eye_x
  bags = y - person.eye_y - 13 + 0.018 * bags**2
  dark += (
    0.16
    * age
    * np.exp(-((bags / 1.6) ** 2))
    * bump(a, 0, person.eye_x, 0, 13, 1)
  )
  return dark * ahead


def _whiskers(colour, x, y, a, bent, grain, patchy, person: Traits):
  """Beard, moustache and the blue shade of shaven ones."""
  edge = np.interp(a, (0, 24, 36, 50, 62, 74), (84, 80, 62, 44, 26, 8))
  chin = ramp(y + 5 * patchy + 4 * grain, edge - 7, edge + 9) * ramp(
    bent, -0.15, 0.1
  )
  chin *= 1 - ramp(y, 118, 136)
  low = person.mouth_y + person.lip_lower
  chin *= 1 - (1 - ramp(y, low + 1, low + 6)) * ramp(a, 33, 21)
  upper = person.mouth_y - person.lip_upper
  top = upper - 12 + 0.012 * a**2
  lip = ramp(y, top, top + 4) * ramp(a, 35, 28)
  lip *= ramp(y, person.mouth_y + 5 + 50 * ramp(a, 24, 30), person.mouth_y)
  lip *= 1 - bump(x, y, 0, upper - 4, 2, 6) * 0.6
  chin, lip = np.clip(chin, 0, 1), np.clip(lip, 0, 1)
  shaven = 0.36 * person.stubble * np.maximum(chin, lip * 0.9)
  tint = mix(person.skin, np.minimum(person.hair_colour, 0.1), 0.7)
  colour = mix(colour, tint, (shaven * (1 - 0.5 * person.darkness))[..., None])
  full = np.maximum(
    chin * (person.beard > 0) * (0.55 + 0.4 * person.beard),
    lip * person.moustache * 0.95,
  )
  strands = person.hair_colour * (0.8 + 0.4 * grain + 0.25 * patchy)[..., None]
  return mix(
    colour, strands, (full * (0.9 + 0.25 * grain)).clip(0, 1)[..., None]
  )


def _red_lips(colour, x, y, ahead, person: Traits):
  top, bottom = lips(x, person)
  inside = ramp(y, top - 0.8, top + 0.8) * ramp(y, bottom + 1, bottom - 1)
  inside = inside * ramp(
    np.abs(x), person.mouth_half + 1, person.mouth_half - 2
  )
  bare = person.skin * mix(
    np.array([0.86, 0.55, 0.55]), np.array([0.85, 0.68, 0.7]), person.darkness
  )
  rouge = mix(linear(190, 60, 70), bare, 0.35)
  tone = mix(bare, rouge, 0.85 * person.makeup)
  shade = 0.92 + 0.16 * ramp(y, person.mouth_y, person.mouth_y + 5)
  line = np.exp(-(((y - person.mouth_y) / 0.9) ** 2))
  shade = shade * (
    1 - 0.5 * line * ramp(np.abs(x), 1.06 * person.mouth_half, 0)
  )
  strength = (0.75 + 0.2 * person.makeup) * inside * ahead
  return mix(colour, tone * shade[..., None], strength[..., None])


def _brows(colour, x, y, a, ahead, grain, person: Traits):
  """Hairs along an arch, dense inside and thin outside."""
  u = np.clip((a - 11) / 41, 0, 1)
  thick = person.brow_thick * (1 - 0.62 * ramp(u, 0.35, 1.0))
  away = np.abs(y - brow(a, person)) / thick
  hairs = 0.85 + 0.22 * grain
  mask = ramp(away, 1.25, 0.55) * ramp(a, 9, 14) * ramp(a, 54, 47) * ahead
  dark = mask * hairs * person.brow_dark
  tone = mix(np.minimum(person.hair_colour, 0.25), person.skin * 0.15, 0.3)
  return mix(colour, tone, np.clip(dark, 0, 0.95)[..., None])


def _scalp(colour, at: _Texels, person: Traits) -> np.ndarray:
  """Roots under the hair, their edge frayed; a shadow below them."""
  line = hairline(at.degrees, person)
  depth = line - at.y + 4 * at.patchy + 2.5 * at.grain
  root = ramp(depth, -2, 6)
  if person.hair_style == 'bald':
    root = root * ramp(at.y, BARE - 14, BARE + 6)
  cover = 0.6 if person.hair_style == 'bald' else 0.92
  if person.hat:
    return colour
  shade = 1 - 0.2 * ramp(depth, -16, -2) * (person.hair_style != 'bald')
  colour = colour * shade[..., None]
  roots = person.hair_colour * (0.6 + 0.3 * at.grain)[..., None]
  return mix(colour, roots, (cover * root)[..., None])
