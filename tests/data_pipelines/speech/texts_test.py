"""Sentences to be spoken."""

import re

import pytest

from data_pipelines.speech.texts import (
  GRAMMARS,
  INVENTED,
  SPLITS,
  draw_sentence,
)
from data_pipelines.speech.words import COMMON

SEEDS = range(60)
PLACES = ('who', 'did', 'what', 'where')


@pytest.mark.parametrize('language', GRAMMARS)
@pytest.mark.parametrize('split', SPLITS)
def test_a_seed_tells_a_whole_sentence(language, split):
  found = [draw_sentence(language, split, (seed,)) for seed in SEEDS]
  assert found == [draw_sentence(language, split, (seed,)) for seed in SEEDS]
  assert len(set(found)) > len(SEEDS) / 4
  assert not any(re.search('[{}]', text) for text in found)


@pytest.mark.parametrize('language', GRAMMARS)
def test_held_out_sentences_are_made_of_other_words(language):
  learnt, held_out = (
    ' '.join(draw_sentence(language, split, (k,)) for k in SEEDS).lower()
    for split in SPLITS
  )
  words = [
    word.lower()
    for place in PLACES
    for word in getattr(GRAMMARS[language], place)
  ]
  both = {
    word
    for word in words
    if all(re.search(rf'\b{word}\b', text) for text in (learnt, held_out))
  }
  assert not both


@pytest.mark.parametrize('language', INVENTED)
def test_words_of_languages_without_a_grammar_are_made_up(language):
  found = [draw_sentence(language, 'train', (seed,)) for seed in SEEDS]
  assert found == [draw_sentence(language, 'train', (k,)) for k in SEEDS]
  assert len(set(found)) == len(SEEDS)
  assert all(text[0].isupper() and text[-1] in '.?!' for text in found)


def test_lips_shut_often_in_every_language():
  for language in (*GRAMMARS, *INVENTED):
    text = ''.join(draw_sentence(language, 'train', (k,)) for k in SEEDS)
    letters = [letter for letter in text.lower() if letter.isalpha()]
    shut = sum(letter in 'pbm' for letter in letters) / len(letters)
    assert shut > 0.05, language


@pytest.mark.parametrize('language', GRAMMARS)
def test_sentences_to_learn_from_have_words_that_no_list_has(language):
  grammar = GRAMMARS[language]
  known = ' '.join(word for place in PLACES for word in getattr(grammar, place))
  for split, least, most in (('train', 60, 600), ('test', 0, 0)):
    listed = find_words(' '.join([known, *grammar.patterns[split]]))
    said = ' '.join(draw_sentence(language, split, (k,)) for k in SEEDS)
    assert least <= len(find_words(said) - listed) <= most


@pytest.mark.parametrize('language', GRAMMARS)
def test_common_words_are_of_no_held_out_sentence(language):
  held = [draw_sentence(language, 'test', (seed,)) for seed in range(400)]
  common = COMMON[language].lower().split()
  assert len(set(common)) == len(common) > 350
  assert not find_words(' '.join(held)) & set(common)


def find_words(text: str) -> set[str]:
  return set(re.findall(r'\w+', text.lower()))
