"""Words of messages: lists that stay short, and errors of other libraries."""

from collections.abc import Iterable, Mapping, Sequence

FEW = 10  # names in one message


def list_few(names: Iterable[str], most: int = FEW) -> str:
  """The first names, in the order given, and how many more there are."""
  names = list(names)
  more = f' and {len(names) - most} more' if len(names) > most else ''
  return ', '.join(names[:most]) + more


def list_passed_over(names: Mapping[str, Sequence[str]]) -> list[str]:
  """A line for each reason why something was passed over: how many, and what.

  Args:
    names: of what was passed over, by the reason.
  """
  return [
    f'passed over, {why}: {len(some)} ({list_few(some)})'
    for why, some in names.items()
    if some
  ]


def describe(error: BaseException) -> str:
  """What an error of a foreign library says, in one line that is not empty."""
  lines = [line.strip() for line in str(error).splitlines() if line.strip()]
  return lines[0][:200] if lines else type(error).__name__
