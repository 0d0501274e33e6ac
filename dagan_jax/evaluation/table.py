"""Scores as a table to read."""

import functools
from collections.abc import Mapping


def show_scores(values: dict[str, float], trivial: Mapping[str, str]) -> str:
  """Scores of the network beside those of answers that need none.

  Args:
    values: scores by name.
    trivial: titles of such answers, by how their scores' names begin.
  """
  # Each name once, the network's or not: it may have drawn no face at all.
  names = dict.fromkeys(
    functools.reduce(str.removeprefix, trivial, name) for name in values
  )
  width = max(map(len, names))
  columns = {'': 'network', **trivial}
  lines = [' ' * width + ''.join(f'{title:>16}' for title in columns.values())]
  for name in names:
    cells = [values.get(prefix + name) for prefix in columns]
    lines.append(
      f'{name:{width}}'
      + ''.join(f'{"" if x is None else f"{x:.4f}":>16}' for x in cells)
    )
  return '\n'.join(lines)
