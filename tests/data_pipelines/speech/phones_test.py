"""One alphabet for the sounds of speech."""

import numpy as np
import pytest

from data_pipelines.speech.phones import (
  BILABIAL,
  SILENCE,
  Phone,
  during,
  join_silences,
  simplify,
)


@pytest.mark.parametrize(
  'symbol, bare',
  [
    ('ˈɑː', 'ɑ'),
    ('ɔ̃', 'ɔ'),
    ('tʃ', 'tʃ'),
    ('ç', 'ç'),
    ('g', 'ɡ'),
    ('aɪ', 'aɪ'),
    ('', ''),
  ],
)
def test_a_symbol_of_ipa_is_its_base_letters(symbol, bare):
  assert simplify(symbol) == bare


def test_silences_that_follow_one_another_are_one():
  phones = [Phone('', 0, 1), Phone('', 1, 2), Phone('a', 2, 3), Phone('', 3, 3)]
  assert join_silences(phones) == (Phone('', 0, 2), Phone('a', 2, 3))


def test_during_tells_what_sounds_at_a_time():
  phones = [Phone(SILENCE, 0, 1), Phone('m', 1, 2), Phone('a', 2, 3)]
  times = np.array([0.5, 1.0, 1.9, 2.0, 3.0])
  assert during(phones, times).tolist() == [False, True, True, True, False]
  assert during(phones, times, BILABIAL).tolist() == [0, 1, 1, 0, 0]
