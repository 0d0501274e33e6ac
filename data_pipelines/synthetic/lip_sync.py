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

EXPRESSIVE = 1.3  # times a viseme, as loud as a voice becomes
_SURE = 0.1, 0.4  # from where to where of `Articulation.speaking` a mouth opens
_AROUND = 5  # frames in which a closure is compared with its neighbours
_DIP = 0.25, 0.6  # by how much of the level a closure is quieter than they
_HISSES = 0.35, 0.8  # shares of a frame's power
# A mouth moves on between two sounds, and begins before the first is heard.
_KERNEL = np.array([1, 4, 6, 4, 1]) / 16


def move_lips(heard: Articulation) -> np.ndarray:
  """Weights (n, 52) float32 of EXPRESSIONS, of the mouth alone; 0 in silence.

  From two frames before a voice begins until two after it ends lips part and
  close again.
  """
  talking = ramp(heard.speaking, *_SURE)
  around = maximum_filter1d(heard.level, _AROUND)
  shut = ramp(around - heard.level, *_DIP)
  hiss = ramp(heard.hiss, *_HISSES) * np.sqrt(heard.level)
  shares = _vowels(heard) * (heard.level * (1 - hiss) * (1 - shut))[:, None]
  shares += hiss[:, None] * weights(VISEMES['SS'])
  shares += (shut * around)[:, None] * weights(VISEMES['PP'])
  shares *= EXPRESSIVE * talking[:, None]
  smooth = convolve1d(shares, _KERNEL, axis=0, mode='constant')
  return np.float32(np.clip(smooth, 0, 1))


def _vowels(heard: Articulation) -> np.ndarray:
  """The vowel (n, 52) between four that a frame sounds like."""
  ah, oh, eh, ee, oo = (
    weights(VISEMES[name]) for name in ('aa', 'oh', 'E', 'ih', 'ou')
  )
  front, open_ = heard.front[:, None], heard.open[:, None]
  narrow = mix(oo, ee, front)
  wide = mix(mix(ah, oh, 0.4), mix(ah, eh, 0.6), front)
  return mix(narrow, wide, open_)
