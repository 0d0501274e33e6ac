"""Options that are said once: fields of a dataclass, and flags made from them.

@dataclasses.dataclass(frozen=True)
class Settings:
  strength: float = option(1.0, parse=float, help='how much is taken')

add_flags(parser, Settings)
settings = take_flags(parser.parse_args(), Settings)
"""

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Options = TypeVar('Options')


def option(
  default: Any = dataclasses.MISSING,
  *,
  help: str,
  parse: Callable[[str], Any] = str,
  choices: Sequence[str] | None = None,
  flag: str = '',
  words: Sequence[str] = (),
  several: Sequence[str] = (),
  span: tuple[float, float] | None = None,
) -> Any:
  """A field of a dataclass of options.

  Args:
    default: its value if none is given; without one, it must be given.
    help: what it means, for the user.
    parse: makes the value from what stands on a command line.
    choices: all values that it can have, besides the default.
    flag: its name on a command line; '': the field's.
    words: what it can be besides a path; a page offers these alone.
    several: names of which the value may list some, comma-separated.
    span: numbers from and to which a page offers it.
  """
  metadata = {
    'help': help,
    'parse': parse,
    'choices': choices,
    'flag': flag,
    'words': words,
    'several': several,
    'span': span,
  }
  return dataclasses.field(default=default, metadata=metadata)


def name_flag(field: dataclasses.Field) -> str:
  """The flag of a field: --NAME, or --noNAME of what is on by default."""
  name = field.metadata['flag'] or field.name
  return f'--no{name}' if field.default is True else f'--{name}'


def add_flags(
  parser: argparse.ArgumentParser, options: type, **defaults: Any
) -> None:
  """Adds a flag for each field of a dataclass of options.

  Args:
    parser: of the command.
    options: the dataclass.
    **defaults: of fields that have another one for this command.
  """
  for field in dataclasses.fields(options):
    default = defaults.get(field.name, field.default)
    name, text = name_flag(field), field.metadata['help']
    if isinstance(field.default, bool):
      parser.add_argument(
        name,
        dest=field.name,
        action='store_false' if field.default else 'store_true',
        help=text,
      )
      continue
    required = default is dataclasses.MISSING
    if not required and default is not None:
      text += f' (default: {default})'
    parser.add_argument(
      name,
      dest=field.name,
      required=required,
      default=None if required else default,
      type=field.metadata['parse'],
      choices=field.metadata['choices'],
      help=text,
    )


def take_flags(flags: argparse.Namespace, options: type[Options]) -> Options:
  """The options that parsed flags give; other flags are passed over."""
  names = [field.name for field in dataclasses.fields(options)]
  return options(**{name: getattr(flags, name) for name in names})
