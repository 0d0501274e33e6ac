"""Eyes and the inside of the mouth: painted anew in every frame.

They live on the head's surface: an eye is a bulge whose colour depends on
lids and gaze, the mouth's inside the skin that stretches between the lips.
"""

import numpy as np

from data_pipelines.synthetic.motion import Motion
from data_pipelines.synthetic.surface import linear, mix, ramp
from data_pipelines.synthetic.traits import Traits

EYEBALL = 12.2  # mm, radius
TEETH = linear(240, 231, 214)
TONGUE = linear(150, 66, 66)
CAVE = linear(46, 16, 16)
WHITE = linear(214, 208, 202)
FLESH = linear(205, 125, 115)


def lids(u, person: Traits, blink: float) -> tuple[np.ndarray, np.ndarray]:
  """Heights in mm of the upper and lower lid's edge at u in [-1, 1].

  u goes from the inner to the outer corner, heights from the eye's middle.
  """
  tilt = -person.eye_tilt * person.eye_half * u
  arch = np.clip(1 - u * u, 0, 1)
  upper = -6.4 * person.eye_open * arch**0.72 * (1 - 0.14 * u)
  lower = 4.0 * mix(1, person.eye_open, 0.4) * arch**0.85 * (1 + 0.12 * u)
  shut = 0.75 * lower + 0.25
  return tilt + mix(upper, shut, blink), tilt + lower


def closure(motion: Motion) -> float:
  """How far the upper lid has come down, 0 to 1; a smile narrows the eyes."""
  squint = 0.22 * max(motion.smile, 0.0)
  return motion.blink + (1 - motion.blink) * squint


def eyes(colour, x, y, light, pitch, person: Traits, motion: Motion, glint):
  """Eyes over (n, 3) skin at canonical (n,) x, y; light (n, 3) falls on it.

  pitch: mm between samples, for soft edges. glint: (2,) mm, where the key
  light is mirrored, from the iris's middle. Returns the shaded colour (n, 3).
  """
  skin = colour * light
  side = np.sign(x)
  along = np.abs(x) - person.eye_x
  height = y - person.eye_y
  u = along / person.eye_half
  soft = 0.5 * pitch + 0.25
  upper, lower = lids(u, person, closure(motion))
  within = ramp(np.abs(u), 1.02, 1.02 - soft / 12)
  inside = ramp(height, upper - soft, upper + soft) * within
  inside = inside * ramp(height, lower + soft, lower - soft)

  right = EYEBALL * np.sin(np.radians(motion.gaze[0]))
  down = EYEBALL * np.sin(np.radians(motion.gaze[1]))
  dx, dy = side * along - right, height - down + 0.8
  radius = np.sqrt(dx * dx + dy * dy)
  iris = ramp(radius, 6.0 + soft, 6.0 - soft)
  pupil = ramp(radius, 2.5 + soft, 2.5 - soft)
  rim = ramp(radius, 4.2, 6.0)
  spokes = 1 + 0.12 * np.sin(11 * dx / (radius + 0.5)) * np.sin(7 * dy)
  stained = person.iris * (spokes * (1.25 - 0.85 * rim))[:, None]
  corner = ramp(np.abs(u), 0.45, 1.05)
  ball = mix(WHITE, FLESH, (0.55 * corner)[:, None])
  ball = mix(ball, stained, iris[:, None])
  ball = ball * (1 - 0.95 * pupil)[:, None]
  roof = 0.42 + 0.58 * ramp(height, upper - 0.5, upper + 4.5)
  mean = light.mean(-1, keepdims=True)
  ball = ball * roof[:, None] * mix(mean, light, 0.5)
  ball = ball * (0.95 - 0.22 * person.darkness)
  gx, gy = dx - glint[0], dy - glint[1]
  spark = np.exp(-(gx * gx + gy * gy) / (1.0 + 0.6 * pitch) ** 2)
  ball = ball + (0.85 * spark * iris)[:, None]

  lash = 0.75 + 0.7 * person.makeup + 0.25 * (1 - person.masculine)
  edge = np.exp(-(((height - upper + 0.3) / (lash + 0.35 * pitch)) ** 2))
  edge = edge * ramp(np.abs(u), 1.12, 0.95) * (0.7 + 0.2 * ramp(u, -1, 0.5))
  under = np.exp(-(((height - lower) / (0.6 + 0.4 * pitch)) ** 2))
  under = under * within * (0.25 + 0.25 * person.makeup)
  fold_at = mix(lids(u, person, 0.0)[0], upper, 0.3)
  fold_at = fold_at - 2.2 - 2.4 * person.eye_fold
  fold = np.exp(-(((height - fold_at) / (0.75 + 0.4 * pitch)) ** 2))
  fold = fold * ramp(np.abs(u), 1.1, 0.75) * (0.2 + 0.3 * person.eye_fold)
  skin = skin * (1 - fold - (1 - fold) * np.minimum(under, 1))[:, None]
  out = mix(skin, ball, inside[:, None])
  return out * (1 - 0.93 * np.minimum(edge, 1))[:, None]


def mouth(x, q, gap, light, motion: Motion) -> np.ndarray:
  """The inside of the mouth (n, 3) at x mm, q in [0, 1] from lip to lip.

  gap: (n,) mm between the lips there.
  """
  from_top, from_bottom = q * gap, (1 - q) * gap
  bright = light.mean(-1)
  hide = 1.5 - 1.0 * max(motion.smile, 0) + motion.pucker
  bite = 6.5 - hide - 0.006 * x**2
  upper = ramp(from_top, bite + 0.5, bite - 0.5) * ramp(np.abs(x), 25, 18)
  seams = np.minimum(np.abs(np.sin(x * np.pi / 8.0)) * 6, 1)
  upper = upper * (0.78 + 0.22 * seams)
  low = 2.2 * ramp(gap, 4, 12) - 0.006 * x**2
  lower = ramp(from_bottom, low + 0.5, low - 0.5) * ramp(np.abs(x), 20, 14)
  tongue = ramp(from_bottom, 11, 4) * ramp(gap, 5, 12) * ramp(np.abs(x), 20, 10)
  colour = mix(CAVE, TONGUE, 0.75 * tongue[:, None])
  colour = mix(colour, TEETH * 0.75, lower[:, None])
  round_mouth = 1 - 0.55 * ramp(np.abs(x), 6, 24)
  colour = mix(colour, TEETH * round_mouth[:, None], upper[:, None])
  shade = mix(0.42, 1.0, ramp(np.minimum(from_top + 0.6, from_bottom), 0, 2.2))
  return colour * (bright * shade)[:, None]
