"""PyTorch names and layouts to ours, by tables; NumPy only.

A table holds rows (our path, PyTorch's name), each the beginning of many
names, with `{}` for a number or the 's' of a shortcut. What follows after is
the same on both sides but for the last word, which `_leaf` translates.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dagan_jax.errors import UsageError

Table = Iterable[tuple[str, str]]
Tensors = Mapping[str, np.ndarray]

# Counters, classifiers and analytic blur kernels, which networks here lack.
_UNUSED = re.compile(
  r'num_batches_tracked$|^(encoder\.)?fc\.|(^|\.)down\.weight$'
)


def translate(tensors: Tensors, table: Table) -> dict[str, Any]:
  """Variables {'params', 'batch_stats'} from PyTorch tensors by name.

  Args:
    tensors: arrays by PyTorch name, in PyTorch's layouts.
    table: which name means which of our modules.

  Raises:
    UsageError: a name is in no row of the table.
  """
  variables: dict[str, Any] = {'params': {}, 'batch_stats': {}}
  strangers = []
  for name, tensor in tensors.items():
    name = name.removeprefix('module.')
    if _UNUSED.search(name):
      continue
    path = our_path(name, table)
    if path is None:
      strangers.append(name)
      continue
    *modules, leaf = path.split('/')
    collection, leaf, array = _leaf(leaf, np.asarray(tensor))
    place = variables[collection]
    for module in modules:
      place = place.setdefault(module, {})
    place[leaf] = array
  if strangers:
    raise UsageError(
      f'{len(strangers)} names mean nothing in this network, the first being '
      f'{strangers[0]!r}: is the file for another one?'
    )
  return variables


def our_path(name: str, table: Table) -> str | None:
  """Where a PyTorch name stands in our variables; None: nowhere."""
  for ours, theirs in table:
    pattern = re.escape(theirs).replace(r'\{\}', r'(\d+|s)')
    match = re.match(pattern, name)
    if match:
      rest = name[match.end() :].replace('.', '/')
      return ours.format(*match.groups()) + rest
  return None


def _leaf(leaf: str, tensor: np.ndarray) -> tuple[str, str, np.ndarray]:
  """Collection, our name and our layout of one tensor."""
  if leaf == 'running_mean':
    return 'batch_stats', 'mean', tensor
  if leaf == 'running_var':
    return 'batch_stats', 'var', tensor
  if leaf in ('weight_u', 'weight_v'):  # of spectral normalisation
    return 'batch_stats', leaf.removeprefix('weight_'), tensor
  if leaf in ('weight', 'weight_orig') and tensor.ndim == 4:
    return 'params', 'kernel', tensor.transpose(2, 3, 1, 0)  # OIHW to HWIO
  if leaf == 'weight':
    return 'params', 'scale', tensor
  return 'params', leaf, tensor
