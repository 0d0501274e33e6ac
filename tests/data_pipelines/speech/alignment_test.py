"""When the words of a transcript sound."""

import itertools
import shutil

import numpy as np
import pytest

from data_pipelines.errors.mendable import DataError
from data_pipelines.speech.alignment import align, find_words
from data_pipelines.speech.phones import BILABIAL, SILENCE
from data_pipelines.speech.programs import PROGRAMS, Manner
from data_pipelines.speech.synthesis import speak

TEXT = 'Pamela bought a big map, but my mum did not.'
needs_programs = pytest.mark.skipif(
  not all(map(shutil.which, PROGRAMS)), reason='no synthesiser here'
)


@pytest.fixture(autouse=True)
def aligner():
  pytest.importorskip('pocketsphinx')


def test_words_are_found_without_signs():
  assert find_words('“Don’t!” she said, 5 times.') == [
    "don't",
    'she',
    'said',
    'times',
  ]


def test_a_transcript_without_words_is_told_in_one_line():
  with pytest.raises(DataError, match='no word in it'):
    align(np.zeros(16_000, np.float32), '123 !')


def test_a_word_that_nobody_can_pronounce_is_named(monkeypatch):
  monkeypatch.setattr(shutil, 'which', lambda name: None)
  with pytest.raises(DataError, match=r'zzyzx; apt-get install flite'):
    align(np.zeros(16_000, np.float32), 'the zzyzx')


@needs_programs
def test_phones_are_found_where_the_synthesiser_spoke_them():
  gap = np.zeros(8_000, np.float32)
  spoken = speak(TEXT, Manner('flite', 'slt'))
  found = align(np.concatenate([gap, spoken.wave, gap]), TEXT)
  assert found[0].name == found[-1].name == SILENCE
  for one, other in itertools.pairwise(found):
    assert one.end == pytest.approx(other.start)
  true, aligned = (
    [p for p in phones if p.name in BILABIAL]
    for phones in (spoken.phones, found)
  )
  assert [p.name for p in true] == [p.name for p in aligned]
  off = [
    (p.start + p.end) / 2 + 0.5 - (q.start + q.end) / 2
    for p, q in zip(true, aligned, strict=True)
  ]
  assert np.median(np.abs(off)) < 0.03


@needs_programs
def test_another_text_than_the_spoken_one_is_told_in_one_line():
  spoken = speak('Yes.', Manner('flite', 'slt'))
  with pytest.raises(DataError, match='not what is said'):
    align(spoken.wave, 'seven hundred elephants walked away ' * 3)
