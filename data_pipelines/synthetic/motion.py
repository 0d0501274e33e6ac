"""Time to head pose, expression and gaze: smooth sums of sines, and speech."""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.synthetic.speech import speech, weights
from data_pipelines.synthetic.surface import ramp

SEED = 20_231_107  # motion's own stream: any identity can play any motion
YAW, PITCH, ROLL = 45.0, 25.0, 20.0  # degrees, never exceeded
SHIFT = (0.025, 0.015, 0.03)  # metres, never exceeded
NEAR = 0.016  # radians that each eye turns in: somebody 2 m away is looked at
TICS = (
  'cheekPuff', 'jawForward', 'jawLeft', 'jawRight', 'mouthFunnel', 'mouthLeft',
  'mouthPucker', 'mouthRight', 'mouthRollLower', 'mouthRollUpper',
  'mouthShrugLower', 'mouthShrugUpper', 'noseSneerLeft', 'noseSneerRight',
)  # fmt: skip
# Waves of which all motion is made: their slowest and their fastest part, Hz.
WAVES = {
  **dict.fromkeys(
    ('yaw', 'pitch', 'roll', 'x', 'y', 'z', 'smile', 'talk', 'gaze', 'tic'),
    (0.06, 0.55),
  ),
  'look': (0.1, 0.8),
  'brows': (0.15, 1.0),
  'frown': (0.1, 0.6),
}


class Motion(NamedTuple):
  """What a head does at one moment."""

  yaw: float  # degrees, positive turns the nose to the image's right
  pitch: float  # degrees, positive looks down
  roll: float  # degrees, positive leans clockwise in the image
  shift: tuple[float, float, float]  # metres, in camera axes
  expression: np.ndarray  # (52,) weights in the order of EXPRESSIONS
  gaze: np.ndarray  # (2, 2) right and left eye: yaw, pitch in the head, radians


class Waves(NamedTuple):
  """Sums of four sines, (n, 4) each."""

  amplitude: np.ndarray
  rate: np.ndarray  # radians per second
  phase: np.ndarray

  def at(self, time: float) -> np.ndarray:
    """Values (n,) in [-1, 1]."""
    return (self.amplitude * np.sin(self.rate * time + self.phase)).sum(1)


class _Habits(NamedTuple):
  """How somebody moves and speaks, at all times."""

  waves: Waves  # of WAVES
  energy: float
  talkative: float
  cheer: float
  rest: float
  blink_period: float
  crooked: float  # how much more one half of the face smiles, -1 to 1
  tic: str  # an expression that comes and goes


def _wave(rng, slow: float, fast: float) -> tuple[np.ndarray, ...]:
  hertz = slow * (fast / slow) ** ((np.arange(4) + rng.random(4)) / 4)
  amplitude = (0.4 + 0.6 * rng.random(4)) * hertz**-0.7
  phase = 2 * np.pi * rng.random(4)
  return amplitude / amplitude.sum(), 2 * np.pi * hertz, phase


def draw_waves(rng, bounds: list[tuple[float, float]]) -> Waves:
  """Waves whose slowest and fastest parts are given, hertz."""
  waves = [_wave(rng, *pair) for pair in bounds]
  return Waves(*(np.array(each) for each in zip(*waves, strict=True)))


@functools.lru_cache(maxsize=256)
def _habits(index: int) -> _Habits:
  rng = np.random.default_rng((SEED, index))
  return _Habits(
    draw_waves(rng, list(WAVES.values())),
    energy=0.4 + 0.6 * rng.random(),
    talkative=rng.random(),
    cheer=rng.random(),
    rest=rng.random(),
    blink_period=2.2 + 2.6 * rng.random(),
    crooked=rng.random() - rng.random(),
    tic=TICS[int(rng.integers(len(TICS)))],
  )


def _blink(index: int, period: float, time: float) -> float:
  """One blink of 0.24 s in every period, at a random moment of it."""
  slot = int(time // period)
  start = np.random.default_rng((SEED, index, slot)).random() * (period - 0.4)
  since = time - slot * period - start
  closing, opening = ramp(since, 0, 0.08), ramp(since, 0.24, 0.11)
  return float(closing * opening)


def _feelings(habits: _Habits, value: dict[str, float]) -> dict[str, float]:
  """Weights of the face's expressions but for speech, lids and gaze."""
  smile = 0.75 * habits.cheer - 0.15 + 0.75 * value['smile']
  happy, sad = max(smile, 0.0), max(-smile, 0.0)
  brows, frown = value['brows'], value['frown']
  raised, drawn = max(1.5 * brows, 0.0), max(0.9 * frown - 0.3, 0.0)
  left, right = 1 + 0.3 * habits.crooked, 1 - 0.3 * habits.crooked
  tic = 0.8 * float(ramp(value['tic'], 0.25, 0.6))
  each = {
    'browOuterUpLeft': raised * left,
    'browOuterUpRight': raised * right,
    'browInnerUp': max(raised, 0.5 * sad),
    'browDownLeft': drawn + max(-0.4 * brows, 0),
    'browDownRight': drawn + max(-0.4 * brows, 0),
    'cheekSquintLeft': 0.55 * happy * left,
    'cheekSquintRight': 0.55 * happy * right,
    'eyeSquintLeft': 0.45 * happy + 0.3 * drawn,
    'eyeSquintRight': 0.45 * happy + 0.3 * drawn,
    'mouthSmileLeft': 0.8 * happy * left,
    'mouthSmileRight': 0.8 * happy * right,
    'mouthFrownLeft': 0.6 * sad,
    'mouthFrownRight': 0.6 * sad,
    'mouthUpperUpLeft': 0.3 * float(ramp(happy, 0.3, 1)),
    'mouthUpperUpRight': 0.3 * float(ramp(happy, 0.3, 1)),
    'jawOpen': 0.1 * float(ramp(happy, 0.35, 1)),
  }
  each[habits.tic] = each.get(habits.tic, 0) + tic
  return each


def move_lids(yaw: float, pitch: float, blink: float) -> dict[str, float]:
  """Weights of the lids that blink and follow the gaze, in radians."""
  down = pitch / 0.45
  each = {}
  for side, out in (('Left', yaw), ('Right', -yaw)):
    each[f'eyeBlink{side}'] = blink
    each[f'eyeLookOut{side}'] = max(out, 0.0) / 0.6
    each[f'eyeLookIn{side}'] = max(-out, 0.0) / 0.6
    each[f'eyeLookDown{side}'] = max(down, 0.0)
    each[f'eyeLookUp{side}'] = max(-down, 0.0)
  return {n: min(w, 1.0) * (1 - blink * (n[3] == 'L')) for n, w in each.items()}


def motion(index: int, time: float) -> Motion:
  """What the person `index` does at `time`, in seconds."""
  habits = _habits(index)
  value = dict(zip(WAVES, habits.waves.at(time).tolist(), strict=True))
  yaw = YAW * habits.energy * value['yaw']
  pitch = PITCH * habits.energy * value['pitch']
  talk = float(
    ramp(value['talk'], 0.3 - habits.talkative, 0.6 - habits.talkative)
  )
  blink = _blink(index, habits.blink_period, time)
  right, down = np.radians(
    [14 * value['gaze'] - 0.45 * yaw, 7 * value['look'] - 0.3 * pitch]
  )
  expression = weights(_feelings(habits, value))
  loud = talk * (0.7 + 0.5 * habits.rest)
  expression += loud * speech((SEED, index, 1), time)
  expression += weights(move_lids(float(right), float(down), blink))
  return Motion(
    yaw=yaw,
    pitch=pitch,
    roll=ROLL * habits.energy * (0.75 * value['roll'] + 0.25 * value['yaw']),
    shift=tuple(s * value[a] for s, a in zip(SHIFT, 'xyz', strict=True)),
    expression=np.clip(expression, 0, 1),
    gaze=np.array([(right + NEAR, down), (right - NEAR, down)]),
  )
