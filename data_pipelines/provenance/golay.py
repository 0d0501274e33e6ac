"""The extended Golay code: 12 bits in 24, of which any 3 may be wrong.

Each of its 4,096 words differs from any other in 8 places at least. They are so
few that the likeliest one is found by comparing with all of them, which uses
how sure each bit is.
"""

import functools

import numpy as np

BITS, LENGTH = 12, 24  # of a message, of its word
_POLYNOMIAL = 0b101011100011  # x^11 + x^9 + x^7 + x^6 + x^5 + x + 1


def encode(bits: np.ndarray) -> np.ndarray:
  """Returns the words of messages, one after another, as +1 (bit 0) and -1.

  Args:
    bits: 0 and 1, as many as some messages have.
  """
  messages = np.reshape(bits, (-1, BITS)) @ (1 << np.arange(BITS)[::-1])
  return _words()[messages].ravel()


def decode(signs: np.ndarray) -> np.ndarray:
  """Returns the bits of the likeliest messages.

  Args:
    signs: words with noise, numbers of any size: the larger, the surer.
  """
  messages = (np.reshape(signs, (-1, LENGTH)) @ _words().T).argmax(1)
  return _bits(messages, BITS).ravel()


@functools.cache
def _words() -> np.ndarray:
  """The word of every message, (4096, 24)."""
  words = []
  for message in range(2**BITS):
    remainder = message << 11
    for place in reversed(range(11, 23)):
      if remainder >> place & 1:
        remainder ^= _POLYNOMIAL << (place - 11)
    word = message << 11 | remainder
    words.append(word << 1 | word.bit_count() % 2)
  return 1 - 2 * _bits(np.array(words), LENGTH)


def _bits(numbers: np.ndarray, count: int) -> np.ndarray:
  return numbers[:, None] >> np.arange(count)[::-1] & 1
