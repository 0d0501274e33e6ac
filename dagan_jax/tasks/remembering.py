"""What a step keeps of its forward pass for the backward pass."""

from collections.abc import Callable
from typing import Any

import jax

_PRODUCTS = ('conv_general_dilated', 'dot_general')


def keep_products(objective: Callable[..., Any], asked: bool) -> Callable:
  """The same function, whose gradient needs less memory where that is asked.

  Of its forward pass only the results of convolutions and matrix products are
  kept. What lies between them, as normalised, cut, pooled and doubled maps, is
  as large or larger and cheap, and is made again when a gradient needs it.
  """
  if not asked:
    return objective

  def is_kept(primitive, *_, **__):
    return primitive.name in _PRODUCTS

  return jax.checkpoint(objective, policy=is_kept)
