"""What somebody who speaks does with head, lids and brows, besides the mouth.

Nods and brows go with what is stressed; the rest is a matter of chance, which a
seed decides: the same seed gives the same performance.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from data_pipelines.media.articulation import Articulation
from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.synthetic.blinks import blink
from data_pipelines.synthetic.lip_sync import move_lips
from data_pipelines.synthetic.motion import NEAR, Motion, draw_waves, move_lids
from data_pipelines.synthetic.render import rotation
from data_pipelines.synthetic.speech import NUMBERS
from data_pipelines.synthetic.surface import ramp

SEED = 20_251_129  # of these streams alone
TURNS = (6.0, 3.5, 3.0)  # degrees of yaw, pitch and roll, never exceeded
SHIFTS = (0.004, 0.003, 0.006)  # metres, never exceeded
_IDLE = 0.4  # share of the movement while nobody speaks
_WAVES = (0.05, 0.6)  # hertz, of the slowest and the fastest part of a head
_NOD, _RAISE = 3.0, 0.35  # degrees and weight of a stress as large as may be


class Performance(NamedTuple):
  """How a head moves in n frames, 25 a second.

  See `motion.Motion` for what the numbers mean; gaze is that before the camera:
  (0, 0) looks into it, wherever the head turns.
  """

  turns: np.ndarray  # (n, 3) degrees: yaw, pitch, roll
  shifts: np.ndarray  # (n, 3) metres
  expression: np.ndarray  # (n, 52) weights
  gaze: np.ndarray  # (n, 2) radians: yaw, pitch

  @property
  def count(self) -> int:
    """How many frames there are."""
    return len(self.turns)

  def moment(self, number: int) -> Motion:
    """What the head does in one frame; lids follow the gaze."""
    turns = self.turns[number]
    right, down = _turn_eyes(turns, self.gaze[number])
    blinks = [NUMBERS['eyeBlinkLeft'], NUMBERS['eyeBlinkRight']]
    expression = self.expression[number].astype(float)
    lids = move_lids(right, down, expression[blinks].max())
    for name, weight in lids.items():
      expression[NUMBERS[name]] = max(expression[NUMBERS[name]], weight)
    return Motion(
      *(float(turn) for turn in turns),
      shift=tuple(self.shifts[number].tolist()),
      expression=np.clip(expression, 0, 1),
      gaze=np.array([(right + NEAR, down), (right - NEAR, down)]),
    )


def _turn_eyes(turns: np.ndarray, gaze: np.ndarray) -> tuple[float, float]:
  """Yaw and pitch in a head that is turned, radians, of a gaze before it.

  Not their difference: of a head that leans, too, that is degrees off.
  """
  (cy, cp), (sy, sp) = np.cos(gaze), np.sin(gaze)
  ahead = rotation(*turns).T @ [sy * cp, sp, -cy * cp]
  down = np.arcsin(np.clip(ahead[1], -1, 1))
  return float(np.arctan2(ahead[0], -ahead[2])), float(down)


def rest() -> Performance:
  """One frame of a head that does nothing, and looks into the camera."""
  return Performance(*(np.zeros((1, n), np.float32) for n in (3, 3, 52, 2)))


def perform(heard: Articulation, seed: int) -> Performance:
  """How somebody might speak what is heard.

  Args:
    heard: of n frames.
    seed: 0 or more; another one moves otherwise, but for the mouth.
  """
  count = len(heard.level)
  talking = gaussian_filter1d(heard.speaking, 0.5 * FRAME_RATE)
  stress = _find_stresses(heard)
  lively = (_IDLE + (1 - _IDLE) * talking)[:, None]
  waves = draw_waves(np.random.default_rng((SEED, seed)), 6 * [_WAVES])
  times = np.arange(count) / FRAME_RATE
  values = np.stack([waves.at(time) for time in times]) * lively
  turns, shifts = values[:, :3] * TURNS, values[:, 3:] * SHIFTS
  turns[:, 1] = np.clip(turns[:, 1] + _NOD * stress, -TURNS[1], TURNS[1])
  expression = move_lips(heard)
  blinks = blink(times, (SEED, seed, 1))
  for name in ('eyeBlinkLeft', 'eyeBlinkRight'):
    expression[:, NUMBERS[name]] = blinks
  for name in ('browInnerUp', 'browOuterUpLeft', 'browOuterUpRight'):
    expression[:, NUMBERS[name]] = _RAISE * np.maximum(stress, 0)
  return Performance(
    np.float32(turns),
    np.float32(shifts),
    expression,
    np.zeros((count, 2), np.float32),
  )


def _find_stresses(heard: Articulation) -> np.ndarray:
  """How much louder (n,) than around it a voice is, in [-1, 1]."""
  loud = heard.level * ramp(heard.speaking, 0.3, 0.7)
  short, long = (
    gaussian_filter1d(loud, seconds * FRAME_RATE) for seconds in (0.12, 0.8)
  )
  return np.clip(2 * (short - long), -1, 1)
