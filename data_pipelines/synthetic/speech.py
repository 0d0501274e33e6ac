"""Mouth shapes of speech: fifteen visemes, and syllables made of them."""

import functools

import numpy as np

from data_pipelines.synthetic.anatomy import EXPRESSIONS

NUMBERS = {name: number for number, name in enumerate(EXPRESSIONS)}
PACE = 0.085  # seconds from the middle of one sound to the next


def _both(name: str, weight: float) -> dict[str, float]:
  return {f'{name}Left': weight, f'{name}Right': weight}


# By the names that Oculus gives them, as weights of Apple's expressions.
VISEMES = {
  'sil': {},
  'PP': {
    'mouthRollLower': 0.3,
    'mouthRollUpper': 0.3,
    **_both('mouthPress', 0.35),
  },
  'FF': {
    'jawOpen': 0.06,
    'mouthRollLower': 0.55,
    **_both('mouthUpperUp', 0.25),
  },
  'TH': {'jawOpen': 0.14, 'tongueOut': 0.25, **_both('mouthLowerDown', 0.2)},
  'DD': {
    'jawOpen': 0.12,
    **_both('mouthLowerDown', 0.3),
    **_both('mouthUpperUp', 0.15),
  },
  'kk': {
    'jawOpen': 0.16,
    **_both('mouthLowerDown', 0.25),
    **_both('mouthStretch', 0.15),
  },
  'CH': {
    'jawOpen': 0.1,
    'mouthFunnel': 0.5,
    'mouthPucker': 0.15,
    **_both('mouthUpperUp', 0.15),
  },
  'SS': {
    'jawOpen': 0.05,
    **_both('mouthStretch', 0.35),
    **_both('mouthLowerDown', 0.35),
    **_both('mouthUpperUp', 0.2),
  },
  'nn': {'jawOpen': 0.1, **_both('mouthLowerDown', 0.25)},
  'RR': {'jawOpen': 0.12, 'mouthFunnel': 0.3, 'mouthPucker': 0.25},
  'aa': {
    'jawOpen': 0.42,
    **_both('mouthLowerDown', 0.2),
    **_both('mouthUpperUp', 0.1),
  },
  'E': {
    'jawOpen': 0.22,
    **_both('mouthSmile', 0.2),
    **_both('mouthLowerDown', 0.3),
    **_both('mouthStretch', 0.2),
  },
  'ih': {
    'jawOpen': 0.14,
    **_both('mouthSmile', 0.22),
    **_both('mouthLowerDown', 0.25),
    **_both('mouthUpperUp', 0.15),
  },
  'oh': {'jawOpen': 0.32, 'mouthFunnel': 0.5, 'mouthPucker': 0.15},
  'ou': {'jawOpen': 0.12, 'mouthFunnel': 0.25, 'mouthPucker': 0.65},
}
CONSONANTS = ('PP', 'FF', 'TH', 'DD', 'kk', 'CH', 'SS', 'nn', 'RR')
VOWELS = ('aa', 'E', 'ih', 'oh', 'ou')


def weights(shares: dict[str, float]) -> np.ndarray:
  """(52,) weights in the order of EXPRESSIONS from some of them by name."""
  out = np.zeros(len(EXPRESSIONS))
  for name, share in shares.items():
    out[NUMBERS[name]] = share
  return out


@functools.lru_cache(maxsize=4096)
def _sound(seed: tuple[int, ...], slot: int) -> np.ndarray:
  """The viseme of one slot of time, more or less articulate."""
  rng = np.random.default_rng((*seed, slot))
  if rng.random() < 0.07:
    return weights({})
  names = VOWELS if slot % 2 else CONSONANTS
  name = names[int(rng.integers(len(names)))]
  return weights(VISEMES[name]) * (0.75 + 0.5 * rng.random())


def speech(seed: tuple[int, ...], time: float) -> np.ndarray:
  """(52,) weights of somebody who never stops talking, at `time` seconds.

  Sounds blend into their neighbours along a quadratic spline.
  """
  slot, past = divmod(time / PACE, 1.0)
  slot = int(slot)
  before, now, after = (_sound(seed, max(slot + n, 0)) for n in (-1, 0, 1))
  return (
    0.5 * (1 - past) ** 2 * before
    + (0.75 - (past - 0.5) ** 2) * now
    + 0.5 * past**2 * after
  )
