"""From phones to mouth shapes: mixtures of visemes for each letter of IPA."""

import functools

import numpy as np

from data_pipelines.speech.phones import SILENCE
from data_pipelines.synthetic.anatomy import EXPRESSIONS
from data_pipelines.synthetic.speech import NUMBERS, VISEMES, weights

ROUNDING = [NUMBERS['mouthFunnel'], NUMBERS['mouthPucker']]
LABIODENTAL = frozenset('fvɱ')  # teeth touch the lower lip
# How surely a mouth has a sound's own shape, among its neighbours' shapes: the
# lips of k, n or h are those of the vowels around.
FIRM, USUAL, LOOSE = 1.4, 1.0, 0.35

_MIXTURES = {
  # Vowels, from close to open.
  'i': {'ih': 1.0}, 'ɪ': {'ih': 0.75, 'E': 0.2}, 'e': {'ih': 0.4, 'E': 0.6},
  'ɛ': {'E': 1.0}, 'æ': {'E': 0.5, 'aa': 0.6}, 'a': {'aa': 1.0},
  'ɐ': {'aa': 0.7, 'E': 0.1}, 'ɑ': {'aa': 1.0, 'oh': 0.1}, 'ɒ': {'oh': 0.8,
  'aa': 0.3}, 'ʌ': {'aa': 0.65}, 'ə': {'aa': 0.25, 'ih': 0.3}, 'ɜ': {'E': 0.4,
  'RR': 0.4}, 'ɘ': {'ih': 0.5}, 'ɵ': {'ou': 0.5}, 'ɨ': {'ih': 0.7},
  'ɔ': {'oh': 1.0}, 'o': {'oh': 0.7, 'ou': 0.3}, 'ʊ': {'ou': 0.7, 'ih': 0.1},
  'u': {'ou': 1.0}, 'ɯ': {'ih': 0.7}, 'ɤ': {'oh': 0.3, 'aa': 0.3},
  'y': {'ou': 0.9}, 'ʏ': {'ou': 0.7}, 'ʉ': {'ou': 0.8}, 'ø': {'ou': 0.5,
  'oh': 0.3}, 'œ': {'oh': 0.5, 'E': 0.3},
  # Consonants, from the lips to the throat.
  'p': {'PP': 1.0}, 'b': {'PP': 1.0}, 'm': {'PP': 1.0}, 'ɓ': {'PP': 1.0},
  'f': {'FF': 1.0}, 'v': {'FF': 0.9}, 'ɱ': {'FF': 0.9}, 'ʋ': {'FF': 0.6},
  'β': {'PP': 0.3, 'DD': 0.2}, 'ɸ': {'PP': 0.3, 'DD': 0.2},
  'w': {'ou': 1.1}, 'ʍ': {'ou': 1.0}, 'ɥ': {'ou': 0.9},
  'θ': {'TH': 1.0}, 'ð': {'TH': 0.9}, 't': {'DD': 0.8}, 'd': {'DD': 0.8},
  'n': {'nn': 0.9}, 'l': {'nn': 1.1}, 'ɾ': {'DD': 0.8}, 's': {'SS': 1.0},
  'z': {'SS': 0.9}, 'ɹ': {'RR': 1.0}, 'ɻ': {'RR': 1.0}, 'r': {'DD': 0.9},
  'ʃ': {'CH': 1.0}, 'ʒ': {'CH': 0.9}, 'ɕ': {'CH': 0.8}, 'ʑ': {'CH': 0.8},
  'ʎ': {'nn': 0.8, 'ih': 0.2}, 'ɲ': {'nn': 0.8, 'ih': 0.2}, 'j': {'ih': 0.8},
  'ç': {'ih': 0.7}, 'ʝ': {'ih': 0.7}, 'k': {'kk': 0.8}, 'ɡ': {'kk': 0.8},
  'ŋ': {'kk': 0.7}, 'x': {'kk': 0.7}, 'ɣ': {'kk': 0.7}, 'ʁ': {'kk': 0.7},
  'ʀ': {'kk': 0.7}, 'χ': {'kk': 0.7}, 'h': {'kk': 0.5}, 'ɦ': {'kk': 0.5},
  'ʔ': {}, 'ʲ': {'ih': 0.5}, 'ʰ': {},
}  # fmt: skip
VOWELS = frozenset('iɪeɛæaɐɑɒʌəɜɘɵɨɔoʊuɯɤyʏʉøœ')
_FIRM = frozenset('pbmɓfvʃʒwʍɥsz')
_LOOSE = frozenset('tdnlɾkɡŋxɣʁʀχhɦʔʲʰjrə')


def mouth_shape(letter: str) -> np.ndarray:
  """Weights (52,) of EXPRESSIONS of a letter of IPA; 0 for SILENCE.

  A letter that is not known gets the shape of the middle vowel.
  """
  return _shapes().get(letter, _shapes()['ə'])


def knows(letter: str) -> bool:
  """Whether a letter of IPA has a shape of its own."""
  return letter in _shapes()


def firmness(letter: str) -> float:
  """How surely the mouth has the shape of a letter, among its neighbours'."""
  if letter in _FIRM:
    return FIRM
  return LOOSE if letter in _LOOSE else USUAL


@functools.cache
def _shapes() -> dict[str, np.ndarray]:
  shapes = {SILENCE: np.zeros(len(EXPRESSIONS))}
  for letter, mixture in _MIXTURES.items():
    parts = [share * weights(VISEMES[name]) for name, share in mixture.items()]
    shapes[letter] = sum(parts, np.zeros(len(EXPRESSIONS)))
  return shapes
