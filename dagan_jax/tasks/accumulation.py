"""A batch too large for the devices, worked off in parts."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

Taught = TypeVar('Taught')


def in_parts(work: Callable[[Any], Taught], count: int, batch: Any) -> Taught:
  """The mean of what `work` gives for each of `count` parts of a batch.

  Of a loss that is a mean over examples, that is the loss and the gradient of
  the whole batch. Batch norms see one part at a time; the running statistics
  that come out are the mean of those that each part alone leads to.

  Args:
    work: from arrays 'b/count ...' to a tree of arrays without that axis.
    count: of parts; 1: `work` sees the batch as it is.
    batch: a tree of arrays 'b ...'.
  """
  if count == 1:
    return work(batch)

  # Every count-th example, and not one block after the other: each device finds
  # its share of every part among the examples that it holds.
  def divide(x):
    return jnp.moveaxis(x.reshape(-1, count, *x.shape[1:]), 1, 0)

  def add(total, part):
    return jax.tree.map(jnp.add, total, work(part)), None

  parts = jax.tree.map(divide, batch)
  shapes = jax.eval_shape(work, jax.tree.map(lambda x: x[0], parts))
  zeros = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
  total, _ = jax.lax.scan(add, zeros, parts)
  return jax.tree.map(lambda x: x / count, total)
