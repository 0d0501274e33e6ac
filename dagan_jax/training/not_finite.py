"""Updates that are not finite: taken back, as if they had not been."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from clu import metrics

Step = Callable[..., tuple[Any, Any]]  # key, state, batch -> state, update


def skip_not_finite(train_step: Step) -> Step:
  """A step that takes back what is not finite, in losses or in the new state.

  Of a step that is taken back, nothing but its number stays in the state, so
  that the next one draws other warps; and none of its losses counts.
  """

  def step(key, state, batch):
    after, update = train_step(key, state, batch)
    finite = jnp.stack(
      [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves((after, update))]
    ).all()
    kept = jax.tree.map(
      lambda new, old: jnp.where(finite, new, old), after, state
    )
    return kept.replace(step=after.step), jax.tree.map(
      lambda leaf: (
        leaf.replace(count=leaf.count * finite) if _is_average(leaf) else leaf
      ),
      update,
      is_leaf=_is_average,
    )

  return step


def is_skipped(update: metrics.Collection) -> bool:
  """Whether an update, fetched from the devices, was taken back."""
  leaves = jax.tree.leaves(update, is_leaf=_is_average)
  return not any(leaf.count.any() for leaf in leaves if _is_average(leaf))


def names_not_finite(update: metrics.Collection) -> list[str]:
  """The losses of an update, fetched from the devices, that are not finite."""
  return [
    name
    for name, leaf in vars(update).items()
    if _is_average(leaf) and not np.isfinite(leaf.total).all()
  ]


def _is_average(node: Any) -> bool:
  return isinstance(node, metrics.Average)
