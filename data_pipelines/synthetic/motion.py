"""Time to head pose and expression: smooth sums of sines, bursts of speech."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.surface import ramp

SEED = 20_231_107  # motion's own stream: any identity can play any motion
YAW, PITCH, ROLL = 45.0, 25.0, 20.0  # degrees, never exceeded
SHIFT = (0.025, 0.015, 0.03)  # metres, never exceeded


class Motion(NamedTuple):
  """What a head does at one moment."""

  yaw: float  # degrees, positive turns the nose to the image's right
  pitch: float  # degrees, positive looks down
  roll: float  # degrees, positive leans clockwise in the image
  shift: tuple[float, float, float]  # metres, in camera axes
  jaw: float  # 0 closed to 1 wide open
  smile: float  # -0.3 sad to 1
  pucker: float  # 0 to 1, rounded lips
  brows: float  # -1 frown to 1 raised
  blink: float  # 0 open to 1 closed
  gaze: tuple[float, float]  # degrees in the head, right and down


class _Wave(NamedTuple):
  amplitude: np.ndarray
  rate: np.ndarray  # radians per second
  phase: np.ndarray

  def __call__(self, time: float) -> float:
    """A value in [-1, 1]."""
    return float((self.amplitude * np.sin(self.rate * time + self.phase)).sum())


class _Habits(NamedTuple):
  """How somebody moves and speaks, at all times."""

  waves: dict[str, _Wave]
  energy: float
  talkative: float
  cheer: float
  rest: float
  blink_period: float


def _wave(rng, slow: float, fast: float) -> _Wave:
  hertz = slow * (fast / slow) ** ((np.arange(4) + rng.random(4)) / 4)
  amplitude = (0.4 + 0.6 * rng.random(4)) * hertz**-0.7
  return _Wave(
    amplitude / amplitude.sum(), 2 * np.pi * hertz, 2 * np.pi * rng.random(4)
  )


@functools.lru_cache(maxsize=256)
def _habits(index: int) -> _Habits:
  rng = np.random.default_rng((SEED, index))
  slow = ['yaw', 'pitch', 'roll', 'x', 'y', 'z', 'smile', 'talk', 'gaze']
  waves = {name: _wave(rng, 0.06, 0.55) for name in slow}
  waves['look'] = _wave(rng, 0.1, 0.8)
  waves['brows'] = _wave(rng, 0.15, 1.0)
  waves['pucker'] = _wave(rng, 0.6, 2.0)
  waves['jaw'] = _wave(rng, 2.0, 5.0)
  return _Habits(
    waves,
    energy=0.4 + 0.6 * rng.random(),
    talkative=rng.random(),
    cheer=rng.random(),
    rest=rng.random(),
    blink_period=2.2 + 2.6 * rng.random(),
  )


def _blink(index: int, period: float, time: float) -> float:
  """One blink of 0.24 s in every period, at a random moment of it."""
  slot = int(time // period)
  start = np.random.default_rng((SEED, index, slot)).random() * (period - 0.4)
  since = time - slot * period - start
  closing, opening = ramp(since, 0, 0.08), ramp(since, 0.24, 0.11)
  return float(closing * opening)


def motion(index: int, time: float) -> Motion:
  """What the person `index` does at `time`, in seconds."""
  habits = _habits(index)
  value = {name: wave(time) for name, wave in habits.waves.items()}
  yaw = YAW * habits.energy * value['yaw']
  pitch = PITCH * habits.energy * value['pitch']
  talk = float(
    ramp(value['talk'], 0.3 - habits.talkative, 0.6 - habits.talkative)
  )
  syllables = 0.5 + 0.5 * value['jaw']
  smile = 0.7 * habits.cheer - 0.08 + 0.6 * value['smile']
  return Motion(
    yaw=yaw,
    pitch=pitch,
    roll=ROLL * habits.energy * (0.75 * value['roll'] + 0.25 * value['yaw']),
    shift=tuple(s * value[a] for s, a in zip(SHIFT, 'xyz', strict=True)),
    jaw=talk * syllables * (0.35 + 0.5 * habits.rest)
    + 0.06 * float(ramp(smile, 0.1, 0.6)),
    smile=float(np.clip(smile, -0.3, 1)),
    pucker=talk * float(ramp(value['pucker'], 0, 0.7)) * 0.8,
    brows=float(np.clip(1.4 * value['brows'], -1, 1)),
    blink=_blink(index, habits.blink_period, time),
    gaze=(
      14 * value['gaze'] - 0.45 * yaw,
      7 * value['look'] - 0.3 * pitch,
    ),
  )
