"""Takes from one network's variables all that fits into another's.

A model of 512 pixels begins so with a model of 256, one with more keypoints
with one with fewer: what has the same name and shape is the same thing.
"""

from typing import Any

import jax
import numpy as np

Tree = dict[str, Any]
LOADED, FRESH, SKIPPED = 'loaded', 'reinitialised', 'skipped'


def fit(found: Tree, expected: Tree) -> tuple[Tree, str]:
  """`expected` with the arrays of `found` that fit, and a table of what did.

  Args:
    found: variables {collection: {module: ...}} of some network.
    expected: variables of the network to fill.

  Returns:
    Variables like `expected`, and lines `what  module` where what is loaded,
    reinitialised (new, or of another shape) or skipped (only in `found`); a
    module that fares alike in all its parts has one line.
  """
  theirs, ours = _leaves(found), _leaves(expected)
  fates = {
    path: LOADED
    if path in theirs and np.shape(theirs[path]) == np.shape(array)
    else FRESH
    for path, array in ours.items()
  }
  fates |= {path: SKIPPED for path in theirs.keys() - ours.keys()}

  def choose(path, array):
    path = _names(path)
    return theirs[path] if fates[path] == LOADED else array

  merged = jax.tree_util.tree_map_with_path(choose, expected)
  lines = [f'{fate:13}  {module}' for module, fate in _rows(fates)]
  return merged, '\n'.join(lines)


def _rows(fates, prefix: tuple[str, ...] = ()):
  """(module, fate) for the largest modules of one fate."""
  # The collection, 'params' or 'batch_stats', is a module's last name here.
  inside = {
    path: fate
    for path, fate in fates.items()
    if (*path[1:], path[0])[: len(prefix)] == prefix
  }
  if len(set(inside.values())) == 1 and prefix:
    yield '.'.join(prefix), next(iter(inside.values()))
    return
  depth = len(prefix) + 1
  for longer in sorted({(*path[1:], path[0])[:depth] for path in inside}):
    yield from _rows(inside, longer)


def _leaves(tree: Tree) -> dict[tuple[str, ...], Any]:
  paths, _ = jax.tree_util.tree_flatten_with_path(tree)
  return {_names(path): array for path, array in paths}


def _names(path) -> tuple[str, ...]:
  return tuple(key.key for key in path)
