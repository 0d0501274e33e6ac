"""Sentences spoken by Festival, whose voices are recorded from people.

It need not be there. Phone times are its own: what it plans for voices of
joined diphones, what its units and states last for the others.
"""

import functools
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from typing import NamedTuple

from data_pipelines.speech.phones import ARPABET, SILENCE
from data_pipelines.speech.programs import Manner, Told, read_sound, run_program

_SCRIPT = pathlib.Path(__file__).parent / 'festival.scm'
# Cells of Lisp: 240 MB are cleared for its usual ten million before it speaks.
_HEAP = '2000000'
_OCTAVES = 0.5  # up and down, at pitches 1 and -1
# Italian voices fail at some questions, so that nobody asks.
_STRAIGHT = str.maketrans({'’': "'", '"': None, '\\': None, '?': '.'})


class _Tongue(NamedTuple):
  """What voices of a language read, and what their phones are."""

  language: str  # of texts.GRAMMARS, or of texts.INVENTED
  encoding: str  # of texts
  phones: Mapping[str, str]  # the voices' names of phones to IPA
  # What stops become but at a begin or after a sound of the same place.
  lenited: Mapping[str, str] = {}


_PAUSES = dict.fromkeys(('#', '##', 'pau', 'h#', 'brth', '_', '&'), SILENCE)
_PLAIN = {x: x for x in 'aeioujwptkbdfsvzmnlrh'} | {'g': 'ɡ'} | _PAUSES
_ENGLISH = _Tongue(
  'en',
  'latin-1',
  ARPABET
  | _PAUSES
  | {'dx': 'ɾ', 'el': 'əl', 'em': 'əm', 'en': 'ən', 'nx': 'n', 'hv': 'h'},
)
_ITALIAN = _Tongue(
  'it',
  'latin-1',
  _PLAIN
  | {f'{x}1': y for x, y in zip('ieEaoOu', 'ieɛaoɔu', strict=True)}
  | {
    'E': 'ɛ', 'O': 'ɔ', 'S': 'ʃ', 'Z': 'ʒ', 'ts': 'ts', 'tS': 'tʃ', 'dz': 'dz',
    'dZ': 'dʒ', 'J': 'ɲ', 'ng': 'ŋ', 'nf': 'ɱ', 'L': 'ʎ',
  },
)  # fmt: skip
_CATALAN = _Tongue(
  'ca',
  'latin-1',
  _ITALIAN.phones | {'ax': 'ə', 'r': 'ɾ', 'rr': 'r'},
  {'b': 'β', 'd': 'ð', 'ɡ': 'ɣ'},
)
_FINNISH = _Tongue(
  'fi',
  'latin-1',
  {
    name + long: symbol
    for name, symbol in {
      **_PLAIN, '@': 'æ', '7': 'ø', 'y': 'y', 'T': 'θ', 'D': 'ð', 'S': 'ʃ',
      'Z': 'ʒ', 'N': 'ŋ', 'L': 'ʎ', 'v': 'ʋ',
    }.items()
    for long in ('', ':')
  },
)  # fmt: skip
_CZECH = _Tongue(
  'cs',
  'iso8859-2',
  _PLAIN
  | {f'{x}:': x for x in 'aeiou'}
  | {
    'c': 'ts', 'c~': 'tʃ', 'ch': 'x', 'd~': 'dj', 'dz': 'dz', 'dz~': 'dʒ',
    'h': 'ɦ', 'n*': 'ŋ', 'n~': 'ɲ', 'r~': 'rʒ', 'r~*': 'rʃ', 's~': 'ʃ',
    't~': 'tj', 'z~': 'ʒ', '_': 'ʔ',
  },
)  # fmt: skip
# Consonants with a y beside them are written twice.
_RUSSIAN = _Tongue(
  'ru',
  'ascii',
  _PLAIN
  | {2 * x: x for x in 'ptkbdfsvzmnlr'}
  | {
    'r': 'r', 'gg': 'ɡ', 'ii': 'i', 'yy': 'ɨ', 'uu': 'u', 'ee': 'e', 'oo': 'o',
    'aa': 'a', 'a': 'ɐ', 'e': 'ɪ', 'i': 'ɪ', 'y': 'ɨ', 'u': 'ʊ', 'ae': 'ə',
    'ay': 'ə', 'ur': 'ʊ', 'c': 'ts', 'ch': 'tɕ', 'sch': 'ɕ', 'sh': 'ʃ',
    'zh': 'ʒ', 'h': 'x', 'hh': 'x',
  },
)  # fmt: skip
_TONGUES = {
  'ked_diphone': _ENGLISH,
  'cmu_us_slt_arctic_hts': _ENGLISH,
  'pc_diphone': _ITALIAN,
  'lp_diphone': _ITALIAN,
  'upc_ca_ona_hts': _CATALAN,
  'suo_fi_lj_diphone': _FINNISH,
  'hy_fi_mv_diphone': _FINNISH,
  'czech_ph': _CZECH,
  'czech_dita': _CZECH,
  'czech_machac': _CZECH,
  'czech_krb': _CZECH,
  'msu_ru_nsh_clunits': _RUSSIAN,
}
VOICES = tuple(_TONGUES)


@functools.cache
def installed_voices() -> tuple[str, ...]:
  """Those of VOICES that are installed; none without Festival."""
  if shutil.which('festival') is None:
    return ()
  told = subprocess.run(
    ['festival', '-b', '(print (voice.list))'], capture_output=True, check=False
  ).stdout.decode(errors='replace')
  known = told.replace('(', ' ').replace(')', ' ').split()
  return tuple(voice for voice in VOICES if voice in known)


def language_of(voice: str) -> str:
  """The language of one of VOICES."""
  return _TONGUES[voice].language


def speak_festival(text: str, manner: Manner) -> Told:
  """Speaks a sentence; who is not made of diphones keeps pace and pitch.

  Raises:
    DataError: Festival or the voice is not installed, or fails.
  """
  tongue = _TONGUES.get(manner.voice)
  text = text.translate(_STRAIGHT)
  stretch = manner.size / manner.pace
  height = 2 ** (_OCTAVES * manner.pitch) / manner.size
  with tempfile.TemporaryDirectory() as folder:
    sound, script = f'{folder}/sound.wav', f'{folder}/say.scm'
    pathlib.Path(script).write_bytes(
      f'(load "{_SCRIPT}")\n(say voice_{manner.voice} "{text}" {stretch:.4f}'
      f' {height:.4f} {manner.melody:.4f} "{sound}")\n'.encode(
        tongue.encoding if tongue else 'ascii', errors='replace'
      )
    )
    told = run_program(['festival', '--heap', _HEAP, '-b', script], manner)
    rate, samples = read_sound(sound)
  names, ends = [], []
  for line in told.decode('ascii', errors='replace').splitlines():
    name, _, end = line.partition(' ')
    names.append(tongue.phones[name])
    ends.append(float(end) * rate)
  # Units that are joined overlap a little, of which their ends know nothing.
  shrink = min(1.0, len(samples) / ends[-1])
  ends = [shrink * end for end in ends]
  starts = [0.0, *ends]
  phones = list(zip(_lenite(names, tongue), starts, ends, strict=False))
  return Told(
    rate, samples, [*phones, (SILENCE, starts[-1], float(len(samples)))]
  )


def _lenite(names: list[str], tongue: _Tongue) -> list[str]:
  """Catalan's b, d and g, which hardly close where sounds go on around."""
  before = [SILENCE, *names]
  return [
    name if last in ('', 'm', 'n', 'ŋ', 'l') else tongue.lenited.get(name, name)
    for name, last in zip(names, before, strict=False)
  ]
