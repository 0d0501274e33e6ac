"""What a network would start with, to compare files with."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np


def zeros_of(init: Callable[..., Any], *inputs: jax.ShapeDtypeStruct) -> Any:
  """The variables that `init` would make, as zeros that take no memory."""
  return jax.tree.map(
    lambda leaf: np.broadcast_to(np.zeros((), leaf.dtype), leaf.shape),
    jax.eval_shape(init, jax.random.key(0), *inputs),
  )
