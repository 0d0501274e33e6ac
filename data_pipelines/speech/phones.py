"""The sounds of which speech consists, by the letters of IPA, and their times.

All who tell phones here, synthesisers and the aligner, are brought to one
alphabet: base letters, without stress, length and other marks.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

SILENCE = ''
BILABIAL = frozenset('pbmɓ')  # lips are shut in them
# What dictionaries of American English call phones: ARPAbet.
ARPABET = {
  'aa': 'ɑ', 'ae': 'æ', 'ah': 'ʌ', 'ao': 'ɔ', 'aw': 'aʊ', 'ax': 'ə',
  'axr': 'ə', 'ay': 'aɪ', 'b': 'b', 'ch': 'tʃ', 'd': 'd', 'dh': 'ð',
  'eh': 'ɛ', 'er': 'ɜ', 'ey': 'eɪ', 'f': 'f', 'g': 'ɡ', 'hh': 'h', 'ih': 'ɪ',
  'ix': 'ɪ', 'iy': 'i', 'jh': 'dʒ', 'k': 'k', 'l': 'l', 'm': 'm', 'n': 'n',
  'ng': 'ŋ', 'ow': 'oʊ', 'oy': 'ɔɪ', 'p': 'p', 'pau': SILENCE, 'r': 'ɹ',
  's': 's', 'sh': 'ʃ', 'sil': SILENCE, 't': 't', 'th': 'θ', 'uh': 'ʊ',
  'uw': 'u', 'v': 'v', 'w': 'w', 'y': 'j', 'z': 'z', 'zh': 'ʒ',
}  # fmt: skip
_ALIKE = {'g': 'ɡ', 'ɚ': 'ə', 'ɝ': 'ɜ', 'ᵻ': 'ɪ', 'ɫ': 'l'}


class Phone(NamedTuple):
  """A sound, or SILENCE, from one moment to another."""

  name: str  # base letters of IPA; two of a diphthong or an affricate
  start: float  # seconds
  end: float


def simplify(symbol: str) -> str:
  """Base letters of a symbol of IPA: no marks of stress, length or tone."""
  # The cedilla of ç is no mark: it is another sound than c.
  letters = unicodedata.normalize('NFD', symbol).replace('c\u0327', 'ç')
  bare = (_ALIKE.get(x, x) for x in letters if unicodedata.category(x) == 'Ll')
  return ''.join(bare)


def join_silences(phones: Iterable[Phone]) -> tuple[Phone, ...]:
  """The same phones, those of no length left out, with silences made one."""
  joined = []
  for phone in phones:
    if phone.end <= phone.start:
      continue
    if joined and phone.name == joined[-1].name == SILENCE:
      phone = phone._replace(start=joined.pop().start)
    joined.append(phone)
  return tuple(joined)


def during(
  phones: Sequence[Phone], times: np.ndarray, names: Iterable[str] | None = None
) -> np.ndarray:
  """Whether bool (n,) a phone sounds at times (n,), seconds.

  Args:
    phones: in the order of time.
    times: in any order.
    names: of the phones that count; None: all but SILENCE.
  """
  found = np.zeros(len(times), bool)
  for name, start, end in phones:
    if name in names if names is not None else name != SILENCE:
      found |= (times >= start) & (times < end)
  return found
