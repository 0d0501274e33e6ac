import numpy as np

from data_pipelines.provenance import golay

RNG = np.random.default_rng(0)
BITS = RNG.integers(0, 2, 10 * golay.BITS)


def test_words_differ_in_eight_places_at_least():
  words = golay.encode(
    np.arange(2**golay.BITS)[:, None] >> np.arange(golay.BITS) & 1
  ).reshape(-1, golay.LENGTH)
  differences = (golay.LENGTH - words @ words[0]) / 2
  # The code is linear: what holds from one word holds from all.
  assert {*differences} == {0, 8, 12, 16, 24}


def test_three_wrong_bits_of_a_word_are_mended():
  signs = golay.encode(BITS).reshape(-1, golay.LENGTH)
  for word in signs:
    word[RNG.choice(golay.LENGTH, 3, replace=False)] *= -1
  np.testing.assert_array_equal(golay.decode(signs.ravel()), BITS)


def test_seven_bits_of_which_nothing_is_known_are_found():
  signs = golay.encode(BITS).reshape(-1, golay.LENGTH).astype(float)
  for word in signs:
    word[RNG.choice(golay.LENGTH, 7, replace=False)] = 0
  np.testing.assert_array_equal(golay.decode(signs.ravel()), BITS)
