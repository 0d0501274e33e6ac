"""From what is heard of a voice to the mouth shapes that go with it.

By rule, not by learning: the sound says when the mouth is open, how far, and
whether lips are round or spread; of consonants it knows hisses and the short
closures between syllables. In silence the mouth is shut.
"""

import numpy as np
from scipy.ndimage import convolve1d, maximum_filter1d

from data_pipelines.media.articulation import Articulation
from data_pipelines.synthetic.speech import VISEMES, weights
from data_pipelines.synthetic.surface import mix, ramp

EXPRESSIVE = 1.2  # times a viseme, as loud as a voice becomes
_SURE = 0.1, 0.4  # from where to where of `Articulation.speaking` a mouth opens
_AROUND = 5  # frames in which a closure is compared with its neighbours
_DIP = 0.25, 0.6  # by how much of the level a closure is quieter than they
_HISSES = 0.35, 0.8  # shares of a frame's power
# A mouth moves on between two sounds, and begins before the first is heard.
_KERNEL = np.array([1, 4, 6, 4, 1]) / 16


def find_talking(speaking: np.ndarray) -> np.ndarray:
  """How far (n,) a mouth may open, by how surely somebody speaks; 0 or more."""
  return ramp(speaking, *_SURE)


def move_lips(heard: Articulation) -> np.ndarray:
  """Weights (n, 52) float32 of EXPRESSIONS, of the mouth alone; 0 in silence.

  From two frames before a voice begins until two after it ends lips part and
  close again.
  """
  talking = find_talking(heard.speaking)
  around = maximum_filter1d(heard.level, _AROUND)
  shut = ramp(around - heard.level, *_DIP)
  hiss = ramp(heard.hiss, *_HISSES) * np.sqrt(heard.level)
  voiced = heard.level * (1 - hiss) * (1 - shut)
  shares = {name: voiced * part for name, part in _share_vowels(heard).items()}
  shares |= {'SS': hiss, 'PP': shut * around}
  mixed = EXPRESSIVE * talking * np.stack(list(shares.values()))
  smooth = convolve1d(np.float32(mixed), _KERNEL, axis=1, mode='constant')
  shapes = np.float32([weights(VISEMES[name]) for name in shares])
  return np.clip(smooth.T @ shapes, 0, 1)


def _share_vowels(heard: Articulation) -> dict[str, np.ndarray]:
  """How much (n,) of each vowel is in the one that a frame sounds like."""
  front, wide = heard.front, heard.open
  back, narrow = 1 - front, 1 - wide
  return {
    'aa': wide * mix(0.6, 0.4, front),
    'oh': wide * back * 0.4,
    'E': wide * front * 0.6,
    'ih': narrow * front,
    'ou': narrow * back,
  }
