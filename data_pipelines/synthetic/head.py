"""The head and neck: one grid from the crown down to below the collar."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.surface import (
  bump,
  mix,
  ramp,
  round_off,
  spline,
)
from data_pipelines.synthetic.traits import Traits

# One cross-section per line, in mm: height, half width, how far it reaches to
# the front and to the back, how much its sides are lifted above its front
# (the jaw rises towards the ears), how far its front is pinched, how much wider
# its back is (so that the jaw runs into the neck without a step).
KNOTS = np.array([
  (-114, 0, -10, 10, 0, 0, 0),
  (-109, 34, 30, 47, 0, 0, 0),
  (-98, 54, 54, 70, 0, 0, 0),
  (-82, 66, 71, 84, 0, 0, 0),
  (-62, 73, 83, 92, 0, 0, 0),
  (-40, 76, 89, 96, 0, 0, 0),
  (-18, 76, 92, 97, 0, 0, 0),
  (2, 74, 90, 95, 0, 0, 0),
  (24, 71, 91, 90, 0, 0.02, 0),
  (46, 67.5, 92, 82, 2, 0.04, 0),
  (62, 63, 92.5, 72, 6, 0.08, 0),
  (75, 59, 92, 64, 12, 0.13, 0.5),
  (92, 56, 90, 62, 24, 0.2, 1.5),
  (106, 54, 90, 60, 36, 0.25, 2.5),
  (116, 53, 84, 60, 43, 0.3, 3),
  (121, 51, 66, 60, 41, 0.38, 4.5),
  (127, 50, 42, 60, 28, 0.25, 4.5),
  (146, 52, 30, 66, 0, 0, 2),
  (180, 57, 32, 74, 0, 0, 0),
  (235, 64, 40, 80, 0, 0, 0),
], dtype=float)  # fmt: skip
# Vertices between one knot and the next, at full detail.
ROWS = (3, 3, 3, 4, 4, 5, 9, 10, 10, 8, 8, 9, 5, 5, 4, 3, 4, 3, 2)
MOUTH = 11  # the knot of the lips' line
INSIDE = 4  # rows between the lips
COLUMNS = 96
NECK = (12, 118, 20)  # mm, where the head turns


class Head(NamedTuple):
  """A neutral head and how expressions move it; all (r, c, ...), in mm.

  `canonical` is before the identity's stretch: skin, eyes and mouth are
  painted by it. Rows `upper` and `lower` are the two sides of the lips' line,
  the rows between them the inside of the mouth.
  """

  position: np.ndarray
  canonical: np.ndarray
  phi: np.ndarray  # (c,) radians around the vertical axis, 0 in front
  upper: int
  lower: int
  jaw: np.ndarray  # share of the jaw's turn
  smile: np.ndarray  # (r, c, 3) mm at 1
  pucker: np.ndarray
  brows: np.ndarray
  neck: np.ndarray  # 0 moves with the head to 1 stays with the shoulders


@functools.cache
def layout(detail: float) -> tuple[np.ndarray, np.ndarray, int]:
  """Row parameters (in knots), column angles, and the upper lip's row."""
  above, below = [], []
  for knot, count in enumerate(ROWS):
    steps = max(1, round(count * detail))
    t = knot + np.arange(steps) / steps
    (above if knot < MOUTH else below).append(t)
  upper = np.concatenate(above)
  lower = np.concatenate(below)[1:]
  lips = np.full(INSIDE + 2, float(MOUTH))
  rows = np.concatenate([upper, lips, lower, [len(KNOTS) - 1.0]])
  c = np.linspace(-1, 1, 2 * round(COLUMNS * detail / 2) + 1)
  return rows, np.pi * (0.4 * c + 0.6 * c**3), len(upper)


def base(t: np.ndarray, phi: np.ndarray, person: Traits) -> np.ndarray:
  """The smooth head without a face at knots t and angles phi: (..., 3)."""
  y, width, front, back, lift, pinch, side = np.moveaxis(
    spline(KNOTS, t), -1, 0
  )
  jaw = ramp(t, 9, 13) * (1 - ramp(t, 15, 18))
  neck = ramp(t, 14, 17)
  width = width * mix(1, person.jaw_width, jaw)
  width = width * mix(1, 0.86 + 0.13 * person.masculine, neck)
  width = width * (1 + 0.05 * person.weight * ramp(t, 7.5, 11))
  width = width + side * ramp(np.cos(phi), 0.4, -0.2)
  pinch = pinch + (person.chin_width - 0.18) * jaw * 0.5
  sine, cosine = round_off(phi)
  rise = (1 - np.cos(phi)) ** 1.5
  ahead = np.maximum(np.cos(phi), 0) ** 2
  return np.stack(
    np.broadcast_arrays(
      width * sine * (1 - pinch * ahead),
      y - lift * np.minimum(rise, 1),
      (back - front) / 2 - (back + front) / 2 * cosine,
    ),
    -1,
  )


def _relief(x, y, person: Traits) -> np.ndarray:
  """How far the face stands out to the front at (x, y), in mm."""
  a = np.abs(x)
  tip = person.nose_length
  mouth, half = person.mouth_y, person.mouth_half
  out = person.brow_ridge * bump(a, y, 26, person.brow_y + 3, 20, 8)
  out += 2 * bump(x, y, 0, -20, 14, 9)
  out -= 10.5 * bump(a, y, person.eye_x, person.eye_y + 1, 17.5, 12.5)
  out -= 3 * bump(a, y, 17, person.eye_y - 1, 7, 11)
  out += 6.5 * bump(a, y, person.eye_x + 0.5, person.eye_y + 0.5, 14, 9)
  along = np.clip((y + 6) / (tip + 6), 0, 1.2)
  high = person.nose_high * along**1.1
  high += 2.5 * person.nose_hook * np.sin(np.pi * np.clip(along, 0, 1))
  under = 1 - ramp(y, tip - 1, tip + 9)
  width = (7.5 + 4.5 * along) * mix(1, person.nose_wide, 0.5)
  out += high * under * np.exp(-((a / width) ** 2)) + 3 * bump(
    x, y, 0, -2, 7, 12
  )
  out += 4.5 * bump(x, y, 0, tip - 1, 8.5 * person.nose_wide, 7)
  wing = 12.5 * person.nose_wide
  out += 8 * bump(a, y, wing, tip + 2, 5.5 * person.nose_wide, 6)
  out -= 3 * bump(a, y, 6.5 * person.nose_wide, tip + 7, 4, 2.5)
  out += 4 * bump(x, y, 0, mouth - 2, 30, 20)
  out -= 1.2 * bump(x, y, 0, mouth - 14, 3, 5)
  lips = np.clip(1 - (x / half) ** 2, 0, 1)
  full = person.lip_upper, person.lip_lower
  out += 0.55 * full[0] * lips * bump(0, y, 0, mouth - 4, 1, 4.5)
  out += 0.6 * full[1] * lips * bump(0, y, 0, mouth + 5, 1, 5.5)
  out -= 2.6 * lips * bump(0, y, 0, mouth, 1, 1.8)
  out -= 2.5 * bump(a, y, half + 1, mouth + 1, 5, 6)
  out -= 3.5 * bump(x, y, 0, mouth + 17, 19, 6)
  out += person.chin_high * bump(x, y, 0, 106, 17, 10)
  out += (3 * person.weight - 2) * bump(a, y, 43, 62, 17, 17)
  fold = a - (person.nose_wide * 17 + 0.5 * (y - tip))
  fold = np.exp(-((fold / 3.5) ** 2)) * bump(0, y, 0, 64, 1, 16)
  out -= (0.3 + 0.4 * person.masculine + 1.5 * person.age) * fold
  out -= 1.5 * person.age * bump(a, y, 27, 20, 12, 5)
  return out


def _expressions(x, y, front, person: Traits) -> dict[str, np.ndarray]:
  """How far each expression at full strength moves (x, y), in mm."""
  a, side = np.abs(x), np.sign(x)
  mouth, half = person.mouth_y, person.mouth_half
  corner = bump(a, y, half + 2, mouth, 15, 14) * front
  cheek = bump(a, y, 42, 36, 18, 15) * front
  lips = bump(x, y, 0, mouth, half + 4, 16) * front
  zero = np.zeros_like(x)
  brow = bump(a, y, 29, person.brow_y - 2, 22, 10) * front
  return {
    'smile': np.stack(
      [
        side * (7.5 * corner + 1.5 * cheek),
        -5.5 * corner - 4.5 * cheek + 0.8 * lips,
        4 * corner - 4 * cheek + 2.5 * lips,
      ],
      -1,
    ),
    'pucker': np.stack(
      [-0.26 * x * lips, 0.12 * (mouth - y) * lips, -5 * lips], -1
    ),
    'brows': np.stack([zero, -6.5 * brow, zero], -1),
  }


def head(person: Traits, detail: float) -> Head:
  """Sculpts one person's neutral head."""
  rows, phi, upper = layout(detail)
  lower = upper + INSIDE + 1
  canonical = base(rows[:, None], phi, person)
  x, y = canonical[..., 0], canonical[..., 1]
  # The canonical lips' line lies at the knot's height; the identity moves it.
  face = bump(x, y, 0, 75, 40, 30) * (np.cos(phi) > 0)
  y = y + (person.mouth_y - 75) * face
  line = np.clip(1 - (x / person.mouth_half) ** 2, 0, 1)
  level = rows[:, None] * np.ones_like(x)
  front = ramp(np.cos(phi), 0.05, 0.5) * (1 - ramp(level, 13, 15.2))
  # The sides of the lips' rows rise to the jaw's corner: level the mouth.
  rise = KNOTS[MOUTH, 0] - canonical[upper, :, 1]
  flat = bump(0, level, 0, MOUTH, 1, 1.2) * (np.abs(x) < 45)
  y = y + rise * flat * ramp(np.abs(x), 45, 20)
  canonical = np.stack([x, y, canonical[..., 2]], -1)
  position = canonical.copy()
  position[..., 2] -= _relief(x, y, person) * front
  bone = bump(np.abs(x), y, 64, 24, 22, 18) * front
  position[..., 0] += np.sign(x) * person.cheekbone * bone
  position[..., 2] -= (
    person.cheekbone * bump(np.abs(x), y, 44, 24, 18, 13) * front
  )
  corner = np.clip(np.abs(x) / person.mouth_half, 0, 1.3) ** 2
  position[..., 1] -= (
    1.3 * corner * bump(x, y, 0, person.mouth_y, 40, 9) * front
  )
  droop = person.age * 3 * bump(np.abs(x), y, 46, 98, 16, 14) * front
  position[..., 1] += droop

  share = ramp(level, 10.0, 13.4) * (1 - ramp(level, 14.6, 17.5))
  share = share * mix(0.45, 1, ramp(np.cos(phi), -0.1, 0.6))
  apart = line**0.7 * bump(0, y, 0, person.mouth_y, 1, 13) * front
  index = np.arange(len(rows))[:, None]
  above = share * (1 - apart)
  below = share + (1 - share) * apart
  depth = np.clip((index - upper) / (lower - upper), 0, 1)
  jaw = mix(above, below, depth)
  moves = _expressions(x, y, front, person)
  return Head(
    position=stretch(position, person),
    canonical=canonical,
    phi=phi,
    upper=upper,
    lower=lower,
    jaw=jaw,
    neck=ramp(level, 14.2, 17.6) * np.ones_like(x),
    **moves,
  )


def stretch(position: np.ndarray, person: Traits) -> np.ndarray:
  """Canonical millimetres (..., 3) to this person's millimetres."""
  width, up, down, depth = person.stretch
  x, y, z = np.moveaxis(position, -1, 0)
  # A smooth joint: the face must not break at the eyes' height.
  tall = mix(up, down, ramp(y, -40, 40))
  return np.stack([x * width, y * tall, z * depth], -1)


def express(head: Head, motion: Motion) -> np.ndarray:
  """The head (r, c, 3) with an expression, before it turns, in mm."""
  position = head.position + motion.smile * head.smile
  position += motion.pucker * head.pucker
  position += motion.brows * head.brows
  angle = np.radians(11.5 * motion.jaw)
  cosine, sine = np.cos(angle), np.sin(angle)
  y, z = position[..., 1] - NECK[0], position[..., 2] - 8
  position[..., 1] += head.jaw * (y * (cosine - 1) - z * sine)
  position[..., 2] += head.jaw * (z * (cosine - 1) + y * sine)
  inside = slice(head.upper + 1, head.lower)
  top, bottom = position[head.upper], position[head.lower]
  gap = bottom[:, 1] - top[:, 1]
  q = np.linspace(0, 1, head.lower - head.upper + 1)[1:-1, None]
  position[inside] = top + q[..., None] * (bottom - top)
  position[inside, :, 2] += np.minimum(gap, 14) * np.sqrt(q * (1 - q)) * 1.2
  return position
