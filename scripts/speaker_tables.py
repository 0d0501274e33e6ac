"""What the tables over a data set's speakers have in common."""

import argparse
from collections.abc import Iterable, Sequence

import jax
import numpy as np

from dagan_jax.evaluation.confidence import average
from dagan_jax.runs import checkpoints, workdirs
from dagan_jax.weights.boxed import Trained
from dagan_jax.weights.boxed_voice import open_voice_box

Rows = dict[str, list[dict[str, float]]]  # by who is scored: one a speaker


def make_parser(doc: str) -> argparse.ArgumentParser:
  """Parses which speakers and networks are scored."""
  parser = argparse.ArgumentParser(description=doc.split('\n')[0])
  parser.add_argument('--data', required=True, help='a data set of speakers')
  parser.add_argument('--workdir', nargs='*', default=[], help='trained runs')
  parser.add_argument('--most', type=int, help='speakers; default: all')
  return parser


def open_networks(name: str, paths: Iterable[str]) -> dict[str, Trained]:
  """The package's network of a name, and those of workdirs.

  Raises:
    UsageError: a workdir holds no such network.
  """
  networks = {'the package': open_voice_box(name)}
  for path in paths:
    config = workdirs.read_config(path)
    variables = jax.device_put(checkpoints.read_average(path, name))
    networks[path] = Trained(path, config, variables)
  return networks


def print_table(rows: Rows, columns: Sequence[str], form: str) -> None:
  """Prints means over those speakers of whom a column says something.

  Args:
    rows: a column that one has not says nothing.
    columns: of the table.
    form: of numbers, such as '.3g'.
  """
  print('| |', ' | '.join(columns), '|')
  print('|---|', '---|' * len(columns), sep='')
  for name, scored in rows.items():
    means = (
      average(np.array([row.get(column, np.nan) for row in scored]))
      for column in columns
    )
    print(f'| {name} |', ' | '.join(f'{x:{form}}' for x in means), '|')
