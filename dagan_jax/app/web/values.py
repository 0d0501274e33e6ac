"""Options from what a stranger sends: none of them becomes a path.

A page and a REST call give words, numbers and texts for the fields of the very
dataclasses that commands make their flags of.
"""

import dataclasses
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from dagan_jax.console.errors import UsageError

Options = TypeVar('Options')

# What is the server's to decide: whether results are marked, and how exact
# the network is, of which it has but one.
HELD = frozenset({'provenance', 'precision', 'debug_identity'})
_LONGEST = 200  # characters of a value
_TRUE, _FALSE = ('1', 'true', 'on', 'yes'), ('0', 'false', 'off', 'no', '')
_NUMBERS = re.compile(r'[-+0-9., ]*')


def list_fields(options: type) -> Iterator[dataclasses.Field]:
  """The fields that a visitor may fill in."""
  for field in dataclasses.fields(options):
    if field.name not in HELD:
      yield field


def takes_path(field: dataclasses.Field) -> bool:
  """Whether an option may be a path on a command line."""
  return field.metadata['parse'] is os.path.expanduser


def read_options(
  options: type[Options], values: Mapping[str, Any], **held: Any
) -> Options:
  """The options that a visitor's values make; those of others are passed over.

  Args:
    options: the dataclass.
    values: by the names of its fields; None, or no value: the default.
    **held: values of the server's own.

  Raises:
    UsageError: a value means nothing, or is a path.
  """
  chosen = {}
  for field in list_fields(options):
    if values.get(field.name) is not None:
      chosen[field.name] = _read(field, values[field.name])
  return options(**chosen, **held)


def check_names(names: Mapping[str, Any], *options: type) -> None:
  """Raises UsageError for a name that is no visitor's option."""
  known = [field.name for each in options for field in list_fields(each)]
  for name in names:
    if name not in known:
      raise UsageError(
        f'{str(name)[:40]!r} is no option; there are {", ".join(known)}'
      )


def _read(field: dataclasses.Field, value: Any) -> Any:
  name, metadata = field.name, field.metadata
  if isinstance(field.default, bool):
    return value if isinstance(value, bool) else _read_truth(name, str(value))
  if isinstance(value, (list, tuple)):
    value = ','.join(map(str, value))
  if isinstance(value, float) and value.is_integer():
    value = int(value)  # browsers know no whole numbers
  text = str(value).strip()
  if len(text) > _LONGEST:
    raise UsageError(f'{name}: more than {_LONGEST} characters')
  if takes_path(field) and text not in metadata['words']:
    if not _NUMBERS.fullmatch(text):
      words = ', '.join(metadata['words'])
      raise UsageError(f'{name}={text}: choose from {words}')
    return text
  try:
    return metadata['parse'](text)
  except ValueError:
    raise UsageError(f'{name}={text}: give a number') from None


def _read_truth(name: str, text: str) -> bool:
  if text.lower() in _TRUE:
    return True
  if text.lower() in _FALSE:
    return False
  raise UsageError(f'{name}={text[:40]}: give true or false')
