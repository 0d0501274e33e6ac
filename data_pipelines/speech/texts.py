"""Sentences to be spoken, made of our own words; a seed tells which.

Every fourth word of each list is kept for held-out texts, and so are some
patterns: no held-out sentence is learnt from. The English lists have every
phone of the language, and many in which lips shut. What is to be learnt from
has common words in any order and made-up ones as well, for whoever hears the
same few words all the time learns words, and not how sounds follow one another.
"""

import functools
from typing import NamedTuple

import numpy as np

from data_pipelines.speech.words import COMMON, LITTLE

SPLITS = ('train', 'test')
_HELD_OUT = 4  # every so many-th word
# How often, in what is to be learnt from: a sentence is of any words; made-up
# words, and any common ones, stand in the place of a list's; a word is little.
_ANY_ORDER, _MADE_UP, _ANY_WORDS, _LITTLE = 0.4, 0.35, 0.45, 0.35
# What syllables of such words are made of; every language of GRAMMARS can read
# them.
_BEGINS = (
  '', 'b', 'b', 'bl', 'br', 'd', 'dr', 'f', 'fl', 'g', 'gl', 'h', 'j', 'k', 'l',
  'm', 'm', 'n', 'p', 'p', 'pl', 'pr', 'r', 's', 'sp', 'st', 't', 'tr', 'v',
  'w', 'z', 'sh', 'ch', 'th',
)  # fmt: skip
_MIDDLES = (
  'a', 'e', 'i', 'o', 'u', 'a', 'e', 'i', 'o', 'u', 'ee', 'oo', 'ai', 'ou',
  'au', 'y',
)  # fmt: skip
_ENDS = (
  '', '', '', 'l', 'm', 'n', 'p', 'r', 's', 't', 'k', 'f', 'b', 'd', 'mp', 'nd',
  'ng', 'ck',
)  # fmt: skip
# Languages without a grammar, whose sentences are made-up words alone, and what
# their voices read beside what all of them do.
_PLAIN = (
  ('', *'bbdfghjklmmnppprstv', 'pl', 'br', 'kl', 'tr', 'st', 'sp', 'pr', 'bl'),
  ('a', 'e', 'i', 'o', 'u', 'a', 'e', 'i', 'o', 'u'),
  ('', '', '', '', *'lmnprstk', 'mp', 'nt'),
)
INVENTED = {
  'ca': (('ll', 'ny', 'x', 'tx', 'rr'), ('ai', 'ei', 'ou', 'ia'), ('ig',)),
  'cs': (('č', 'š', 'ž', 'ř', 'c', 'ch', 'z'), ('á', 'é', 'í', 'ou'), ('š',)),
  'fi': (
    ('v', 'j', 'h'),
    ('ä', 'ö', 'y', 'aa', 'ii', 'uo', 'ie'),
    ('kk', 'pp'),
  ),
  'ru': (('z', 'v', 'zv', 'sm'), ('y', 'ei', 'ai'), ('f', 'v')),
}


class Grammar(NamedTuple):
  """A language's sentences: patterns with places for words of lists."""

  patterns: dict[str, tuple[str, ...]]  # by split
  who: tuple[str, ...]
  did: tuple[str, ...]
  what: tuple[str, ...]
  where: tuple[str, ...]


GRAMMARS = {
  'en': Grammar(
    patterns={
      'train': (
        '{who} {did} {what} {where}.',
        '{where}, {who} {did} {what}.',
        'I think that {who} {did} {what}.',
        'Well, {who} {did} {what}, and {who} {did} {what}!',
        'Who said that {who} {did} {what} {where}?',
        'No. {who} never {did} {what}.',
        'Maybe {who} {did} {what}, but I am not sure.',
        'Yes, {where} {who} {did} {what}.',
      ),
      'test': (
        'They told us {who} {did} {what} {where}, and not a soul saw it.',
        'Perhaps {who} {did} {what}? It was {where}.',
        'Suddenly {who} {did} {what}.',
        'If {who} {did} {what}, why did you not help?',
        '{who} and {who} {did} {what} {where}.',
      ),
    },
    who=(
      'my mother', 'the baker', 'Bob', 'a young woman', 'our neighbour',
      'the happy boy', 'Pamela', 'his uncle', 'the old judge', 'a brown bear',
      'everybody', 'the children', 'the guide', 'a tall man', 'the ship’s cook',
      'my good friend', 'the painter', 'Mabel', 'nobody', 'the queen',
    ),
    did=(
      'bought', 'found', 'painted', 'remembered', 'carried', 'pushed',
      'measured', 'watched', 'broke', 'enjoyed', 'bumped into', 'mentioned',
      'threw away', 'looked at', 'showed us', 'dropped', 'moved', 'wrapped up',
      'opened', 'thought of', 'polished', 'joined', 'cooked', 'chewed',
    ),
    what=(
      'a big map', 'five yellow boats', 'the purple umbrella',
      'some warm bread', 'a thin feather', 'both apple pies', 'the round table',
      'these broken cups', 'a piece of cheese', 'the television',
      'a bunch of flowers', 'my blue shirt', 'the poor sheep',
      'an empty jam jar', 'the oil lamp', 'two heavy books', 'a pair of boots',
      'the machine', 'this huge stamp', 'a small zoo', 'the beige cushion',
      'many other things',
    ),
    where=(
      'before the rain', 'by the old bridge', 'in the garage', 'this morning',
      'on the way home', 'at half past five', 'behind the church',
      'in the middle of May', 'under the apple tree', 'near the beach',
      'for the first time', 'in February', 'while we were away',
      'above the shop', 'in Bombay', 'at the top of the hill',
    ),
  ),
  'de': Grammar(
    patterns={
      'train': (
        '{where} hat {who} {what} {did}.',
        'Ich glaube, {who} hat {what} {did}.',
        'Warum hat {who} {what} {did}?',
        'Ja, {who} hat {where} {what} {did}!',
      ),
      'test': ('Niemand weiß, dass {who} {where} {what} {did} hat.',),
    },
    who=(
      'meine Mutter', 'der Bäcker', 'Peter', 'die junge Frau', 'unser Nachbar',
      'das kleine Mädchen', 'mein Freund', 'der alte Mann',
    ),
    did=(
      'gekauft', 'gefunden', 'gemalt', 'gebracht', 'mitgenommen', 'vergessen',
      'beschrieben', 'gewaschen',
    ),
    what=(
      'einen bunten Ball', 'fünf Bücher', 'das schöne Bild', 'den Apfelbaum',
      'einen Brief', 'viele Blumen', 'die grüne Lampe', 'Äpfel und Birnen',
    ),
    where=(
      'heute Morgen', 'am Bahnhof', 'im Sommer', 'vor dem Regen',
      'auf dem Berg', 'gestern Abend', 'über Nacht', 'beim Bauern',
    ),
  ),
  'fr': Grammar(
    patterns={
      'train': (
        '{where}, {who} a {did} {what}.',
        'Je pense que {who} a {did} {what}.',
        'Mais pourquoi {who} a {did} {what} ?',
        '{who} a {did} {what} {where} !',
      ),
      'test': ('Personne ne sait que {who} a {did} {what} {where}.',),
    },
    who=(
      'ma mère', 'le boulanger', 'Paul', 'la jeune femme', 'notre voisin',
      'le petit garçon', 'mon ami', 'le vieux peintre',
    ),
    did=(
      'acheté', 'trouvé', 'peint', 'apporté', 'mangé', 'oublié', 'vu',
      'préparé',
    ),
    what=(
      'un beau bateau', 'cinq pommes', 'le pain chaud', 'une lampe bleue',
      'beaucoup de fleurs', 'le grand parapluie', 'deux livres', 'un jambon',
    ),
    where=(
      'ce matin', 'au bord de la mer', 'avant la pluie', 'dans la montagne',
      'sous le pont', 'hier soir', 'en février', 'chez mon oncle',
    ),
  ),
  'es': Grammar(
    patterns={
      'train': (
        '{where} {who} {did} {what}.',
        'Creo que {who} {did} {what}.',
        '¿Por qué {who} {did} {what}?',
        'Sí, {who} {did} {what} {where}.',
      ),
      'test': ('Nadie sabe que {who} {did} {what} {where}.',),
    },
    who=(
      'mi madre', 'el panadero', 'Pablo', 'la mujer joven', 'nuestro vecino',
      'el niño pequeño', 'mi buen amigo', 'el viejo pintor',
    ),
    did=(
      'compró', 'encontró', 'pintó', 'llevó', 'olvidó', 'preparó', 'rompió',
      'abrió',
    ),
    what=(
      'un barco blanco', 'cinco bombillas', 'el pan caliente',
      'una lámpara azul', 'muchas flores', 'el paraguas', 'dos libros',
      'un mapa grande',
    ),
    where=(
      'por la mañana', 'en la playa', 'antes de la lluvia', 'bajo el puente',
      'en la montaña', 'ayer por la tarde', 'en febrero', 'en mi pueblo',
    ),
  ),
  'it': Grammar(
    patterns={
      'train': (
        '{where} {who} ha {did} {what}.',
        'Penso che {who} abbia {did} {what}.',
        'Ma perché {who} ha {did} {what}?',
        'Sì, {who} ha {did} {what} {where}.',
      ),
      'test': ('Nessuno sa che {who} ha {did} {what} {where}.',),
    },
    who=(
      'mia madre', 'il panettiere', 'Paolo', 'la giovane donna',
      'il nostro vicino', 'il bambino', 'il mio amico', 'il vecchio pittore',
    ),
    did=(
      'comprato', 'trovato', 'dipinto', 'portato', 'mangiato', 'dimenticato',
      'visto', 'preparato',
    ),
    what=(
      'una bella barca', 'cinque mele', 'il pane caldo', 'una lampada blu',
      'molti fiori', 'il grande ombrello', 'due libri', 'un prosciutto',
    ),
    where=(
      'stamattina', 'sulla spiaggia', 'prima della pioggia', 'sotto il ponte',
      'in montagna', 'ieri sera', 'a febbraio', 'al mercato',
    ),
  ),
}  # fmt: skip


def draw_sentence(language: str, split: str, seed: tuple[int, ...]) -> str:
  """A sentence of a language, for training or held out.

  Args:
    language: a row of GRAMMARS; or of INVENTED, for training alone.
    split: train or test; their sentences have no content word of the lists in
      common.
    seed: the same one gives the same sentence.
  """
  rng = np.random.default_rng(seed)
  if language in INVENTED:
    return _invent(rng, language)
  if split == 'train' and rng.random() < _ANY_ORDER:
    return _say_any_words(rng, language)
  grammar = GRAMMARS[language]
  text = _choose(rng, grammar.patterns[split])
  for place in ('who', 'did', 'what', 'where'):
    words = _keep(getattr(grammar, place), split)
    while f'{{{place}}}' in text:
      kind = rng.random() if split == 'train' else 1
      if kind < _MADE_UP:
        filled = _make_up(rng)
      elif kind < _MADE_UP + _ANY_WORDS:
        filled = _any_words(rng, language, rng.integers(1, 4))
      else:
        filled = _choose(rng, words)
      text = text.replace(f'{{{place}}}', filled, 1)
  return text[0].upper() + text[1:]


def _say_any_words(rng, language: str) -> str:
  """A sentence of words in any order, some of them made up."""
  phrases = [
    _make_up(rng)
    if rng.random() < _MADE_UP / 2
    else _any_words(rng, language, rng.integers(2, 7))
    for _ in range(rng.integers(1, 4))
  ]
  return ', '.join(phrases).capitalize() + _choose(rng, '...?!')


def _any_words(rng, language: str, count: int) -> str:
  little, common = _words_of(language)
  return ' '.join(
    _choose(rng, little if rng.random() < _LITTLE else common)
    for _ in range(count)
  )


@functools.cache
def _words_of(language: str) -> tuple[list[str], list[str]]:
  """Little words, and common ones."""
  return LITTLE[language].split(), COMMON[language].split()


def _invent(rng, language: str) -> str:
  """A sentence of made-up words."""
  parts = tuple(
    (*plain, *more)
    for plain, more in zip(_PLAIN, INVENTED[language], strict=True)
  )
  phrases = [_make_up(rng, parts) for _ in range(rng.integers(2, 5))]
  text = ', '.join(phrases) if rng.random() < 0.5 else ' '.join(phrases)
  return text.capitalize() + _choose(rng, '..?!')


def _make_up(rng, parts=(_BEGINS, _MIDDLES, _ENDS)) -> str:
  """One to three words that nobody knows, of one to three syllables."""
  return ' '.join(
    ''.join(
      _choose(rng, part) for _ in range(rng.integers(1, 4)) for part in parts
    )
    for _ in range(rng.integers(1, 4))
  )


def _keep(words: tuple[str, ...], split: str) -> list[str]:
  """The words of a list that are for a split."""
  return [
    word
    for number, word in enumerate(words)
    if (number % _HELD_OUT == _HELD_OUT - 1) == (split == 'test')
  ]


def _choose(rng, options) -> str:
  return options[int(rng.integers(len(options)))]
