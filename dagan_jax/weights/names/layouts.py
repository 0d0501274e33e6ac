"""PyTorch's names and layouts of tensors to ours and back, by tables.

A row of a table is (beginning of our path, beginning of PyTorch's name), with
`{}` for a number or the 's' of a shortcut. The rest of a name is the same on
both sides except for its last word, which `_leaf` translates.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from dagan_jax.console.errors import UsageError

Table = Iterable[tuple[str, str]]
Tensors = Mapping[str, np.ndarray]

# Our leaves that PyTorch calls otherwise.
_LEAVES = {
  'kernel': 'weight',
  'scale': 'weight',
  'mean': 'running_mean',
  'var': 'running_var',
  'u': 'weight_u',
  'v': 'weight_v',
}

# Counters, classifiers and analytic blur kernels, which networks here lack; and
# what GoHD's hold without need: slopes are analytic, too, noise is never added,
# nothing is drawn at 4 pixels, and coarse parts of faces helped to learn.
_UNUSED = re.compile(
  r'num_batches_tracked$|^(encoder\.)?fc\.|(^|\.)down\.weight$'
  r'|\.kernel$|\.slopes$|\.noise\.weight$|^dec\.to_rgb1\.|^fc_finetune\.'
  r'|^conv_out(16|32)\.'
)


def is_unused(name: str) -> bool:
  """Whether no network here has a place for a tensor of this PyTorch name."""
  return bool(_UNUSED.search(name))


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
    if is_unused(name):
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


def translate_back(
  variables: Mapping[str, Any], table: Table
) -> dict[str, np.ndarray]:
  """PyTorch tensors by name: the inverse of `translate`.

  Raises:
    UsageError: the published networks have no module of some name of ours.
  """
  statistics = dict(leaves(variables.get('batch_stats', {})))
  tensors = {}
  for path, array in leaves(variables['params']):
    module, _, leaf = path.rpartition('/')
    name = _their_name(path, _LEAVES.get(leaf, leaf), table)
    if leaf == 'kernel':
      array = array.transpose(-1, -2, *range(array.ndim - 2))  # HWIO to OIHW
      name += '_orig' * (f'{module}/u' in statistics)
    tensors[name] = array
  for path, array in statistics.items():
    leaf = path.rsplit('/', 1)[-1]
    tensors[_their_name(path, _LEAVES[leaf], table)] = array
  return tensors


def our_path(name: str, table: Table) -> str | None:
  """The path of a PyTorch name in our variables; None: it has no place."""
  for ours, theirs in table:
    found = _replace_start(name, theirs, ours)
    if found is not None:
      beginning, rest = found
      return beginning + rest.replace('.', '/')
  return None


def leaves(tree: Mapping[str, Any], path: str = '') -> Iterator[tuple]:
  """(path with slashes, array) of nested dicts."""
  for name, branch in tree.items():
    if isinstance(branch, Mapping):
      yield from leaves(branch, f'{path}{name}/')
    else:
      yield path + name, branch


def _their_name(path: str, leaf: str, table: Table) -> str:
  """PyTorch's name of our path, with its last word replaced by `leaf`."""
  path = path.removesuffix(path.rsplit('/', 1)[-1]) + leaf
  for ours, theirs in table:
    found = _replace_start(path, ours, theirs)
    if found is not None:
      beginning, rest = found
      return beginning + rest.replace('/', '.')
  raise UsageError(
    f'the published networks have nothing like {path}: of ours, those of DaGAN,'
    ' its SPADE variant, FOMM and face depth have PyTorch names'
  )


def _replace_start(name: str, old: str, new: str) -> tuple[str, str] | None:
  """`new` with the numbers filled in, and the rest of a name after `old`.

  None: the name does not begin with `old`.
  """
  match = re.match(re.escape(old).replace(r'\{\}', r'(\d+|s)'), name)
  return match and (new.format(*match.groups()), name[match.end() :])


def _leaf(leaf: str, tensor: np.ndarray) -> tuple[str, str, np.ndarray]:
  """Collection, our name and our layout of one tensor."""
  if leaf == 'running_mean':
    return 'batch_stats', 'mean', tensor
  if leaf == 'running_var':
    return 'batch_stats', 'var', tensor
  if leaf in ('weight_u', 'weight_v'):  # of spectral normalisation
    return 'batch_stats', leaf.removeprefix('weight_'), tensor
  if leaf in ('weight', 'weight_orig') and tensor.ndim > 1:
    axes = *range(2, tensor.ndim), 1, 0  # OIHW to HWIO, and OI to IO
    return 'params', 'kernel', tensor.transpose(axes)
  if leaf == 'weight':
    return 'params', 'scale', tensor
  return 'params', leaf, tensor
