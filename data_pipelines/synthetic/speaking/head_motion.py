"""How a head moves while its owner speaks: sways, postures and nods.

Sways are slow, and smaller while nobody speaks; each phrase has a posture of
its own; stresses are nodded, and a rising voice lifts the head. What goes with
what is a matter of chance, which a seed decides.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from data_pipelines.media.voice import FRAME_RATE
from data_pipelines.speech.prosody import Prosody, find_stresses
from data_pipelines.synthetic.motion import draw_waves

TURNS = (20.0, 12.0, 10.0)  # degrees of yaw, pitch and roll, never exceeded
SHIFTS = (0.02, 0.012, 0.025)  # metres, never exceeded
_SWAYS = (6.0, 3.0, 2.5)  # degrees of what is slow
_DRIFTS = (0.006, 0.004, 0.008)  # metres
_POSTURES = (5.0, 2.5, 2.5)  # degrees from one phrase to another, deviation
_WAVES = (0.05, 0.6)  # hertz, of the slowest and the fastest part of a sway
_IDLE = 0.4  # share of the sways while nobody speaks
_SETTLE = 0.3  # seconds, of the way into a posture
_NOD = (2.0, 7.0)  # degrees of a stress as strong as may be
_NOD_TIME = (0.09, 0.15)  # seconds, deviation of a nod
_NOD_LATE = 0.04  # seconds by which a nod comes after its stress
_TILTS = 0.3  # share of the stresses that turn and tilt the head as well
_LIFT = 0.25  # degrees for each semitone


class HeadMotion(NamedTuple):
  """Of n frames, see `performance.Performance`."""

  turns: np.ndarray  # (n, 3) degrees: yaw, pitch, roll
  shifts: np.ndarray  # (n, 3) metres


def move_head(
  prosody: Prosody,
  phrases: Sequence[tuple[float, float]],
  seed: tuple[int, ...],
) -> HeadMotion:
  """Turns and shifts of a head, of n frames, 25 a second.

  Args:
    prosody: of the n frames.
    phrases: seconds from and to which somebody speaks, in order.
    seed: another one moves otherwise.
  """
  rng = np.random.default_rng(seed)
  energy = rng.uniform(0.5, 1.4)
  talking = gaussian_filter1d(prosody.speaking, 0.5 * FRAME_RATE)
  lively = energy * (_IDLE + (1 - _IDLE) * talking)[:, None]
  waves = draw_waves(rng, 6 * [_WAVES])
  times = np.arange(len(talking)) / FRAME_RATE
  values = np.stack([waves.at(time) for time in times]) * lively
  turns = values[:, :3] * _SWAYS + energy * _take_postures(times, phrases, rng)
  turns += energy * _nod(prosody, times, rng)
  turns[:, 1] -= _LIFT * gaussian_filter1d(
    prosody.pitch * prosody.speaking, 0.15 * FRAME_RATE
  )
  return HeadMotion(
    np.float32(_limit(turns, TURNS)),
    np.float32(_limit(values[:, 3:] * _DRIFTS, SHIFTS)),
  )


def _take_postures(times, phrases, rng) -> np.ndarray:
  """Degrees (n, 3), from one posture to the next as phrases begin."""
  postures = np.tile(_POSTURES * rng.standard_normal(3), (len(times), 1))
  for begin, _ in phrases:
    postures[times >= begin] = _POSTURES * rng.standard_normal(3)
  return gaussian_filter1d(postures, _SETTLE * FRAME_RATE, axis=0)


def _nod(prosody: Prosody, times, rng) -> np.ndarray:
  """Degrees (n, 3) of what goes with stresses."""
  nods = np.zeros((len(times), 3))
  for number, strength in find_stresses(prosody):
    size, width = rng.uniform(*_NOD), rng.uniform(*_NOD_TIME)
    since = times - times[number] - _NOD_LATE
    pulse = np.exp(-0.5 * (since / width) ** 2)
    ways = np.array([0.0, 1.0, 0.0])
    if rng.random() < _TILTS:
      ways += [rng.uniform(-0.8, 0.8), -0.5, rng.uniform(-0.6, 0.6)]
    nods += strength * size * pulse[:, None] * ways
  return nods


def _limit(values: np.ndarray, most: tuple[float, ...]) -> np.ndarray:
  """Values that never exceed a limit, and hardly change far from it."""
  return most * np.tanh(values / most)
