"""The last convolutions of depth, kept small so that what precedes is large.

A face is a few percent nearer in one place than in another. Where the last
convolutions are as large as others begin, features that say so are so small
that each step of learning shakes them, and noses stay coarse.
"""

from typing import Any

import jax
import optax

Tree = Any  # of arrays


def scale_heads(tree: Tree, share: float) -> Tree:
  """The tree with the arrays of `DepthDecoder`'s heads at a share of them."""

  def scale(path, array):
    names = (getattr(key, 'key', '') for key in path)
    head = any(str(name).startswith('head_') for name in names)
    return share * array if head else array

  return jax.tree_util.tree_map_with_path(scale, tree)


def slow_heads(
  optimizer: optax.GradientTransformation, share: float
) -> optax.GradientTransformation:
  """The optimizer, but heads learn at this share of its rate."""
  if share == 1:
    return optimizer  # with the state that it always had
  slower = optax.stateless(lambda updates, _: scale_heads(updates, share))
  return optax.chain(optimizer, slower)
