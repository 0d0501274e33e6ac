"""What the checks of a config are built from.

Each function looks at fields named by their path, as 'model.motion.width', and
raises a UsageError that names the first one that is impossible.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from dagan_jax.console.errors import UsageError
from data_pipelines.errors.buckets import scheme_of


class LackingField(UsageError, AttributeError):
  """A config has no such field, as if Python had looked for it."""


def check_names(config: ConfigDict, choices: Mapping[str, tuple]) -> None:
  """Each field has one of its choices.

  Raises:
    UsageError: one has not.
  """
  for field, values in choices.items():
    value = read_field(config, field)
    if value not in values:
      names = ', '.join(map(str, values))
      raise UsageError(f'{field} is {value!r}: it must be one of {names}')


def check_positive(config: ConfigDict, fields: Iterable[str]) -> None:
  """Each field is a number greater than 0.

  Raises:
    UsageError: one is not.
  """
  for field in fields:
    check_numbers(config, field, lambda x: x > 0, 'greater than 0')


def check_not_negative(config: ConfigDict, fields: Iterable[str]) -> None:
  """Each field is a number not below 0.

  Raises:
    UsageError: one is not.
  """
  for field in fields:
    check_numbers(config, field, lambda x: x >= 0, '0 or greater')


def check_shares(config: ConfigDict, fields: Iterable[str]) -> None:
  """Each field is a number, or a tuple of numbers, in [0, 1].

  Raises:
    UsageError: one is not.
  """
  for field in fields:
    check_numbers(config, field, lambda x: 0 <= x <= 1, 'between 0 and 1')


def check_at_least_two(config: ConfigDict, fields: Iterable[str]) -> None:
  """Each field is a number not below 2.

  Raises:
    UsageError: one is not.
  """
  for field in fields:
    check_numbers(config, field, lambda x: x >= 2, 'at least 2')


def check_numbers(
  config: ConfigDict, field: str, holds: Callable[[float], bool], rule: str
) -> None:
  """A field is a number, or a tuple of numbers, for which a rule holds.

  Args:
    config: of a run.
    field: its path.
    holds: whether a number is possible.
    rule: the same in words.

  Raises:
    UsageError: it is not.
  """
  value = read_field(config, field)
  for number in value if isinstance(value, tuple) else (value,):
    if not isinstance(number, int | float) or not holds(number):
      raise UsageError(f'{field} is {value!r}: it must be {rule}')


def check_paths(config: ConfigDict, fields: Iterable[str]) -> None:
  """Each field is empty, or a file or folder that is there, or in a bucket.

  Whoever opens what is in a bucket tells where it is not there.

  Raises:
    UsageError: one is not.
  """
  for field in fields:
    path = read_field(config, field)
    if path and not scheme_of(path) and not Path(path).exists():
      raise UsageError(f'{field}: {path} does not exist')


def read_field(config: ConfigDict, field: str) -> Any:
  """The value of a field.

  Raises:
    LackingField: the config has no such field.
  """
  value = config
  for name in field.split('.'):
    if not isinstance(value, ConfigDict) or name not in value:
      raise LackingField(f'the config lacks the field {field}')
    value = value[name]
  return value
