"""Convolutions in half precision while a network learns."""

import contextlib
import typing
from collections.abc import Iterator
from typing import Literal

import jax.numpy as jnp

from dagan_jax.models.layers.convolution import replace_convolutions

Precision = Literal['float32', 'bfloat16']
PRECISIONS = typing.get_args(Precision)


@contextlib.contextmanager
def round_convolutions(
  precision: Precision, *, but: tuple[str, ...] = ()
) -> Iterator[None]:
  """Within it, convolutions multiply numbers of a precision, and give such.

  Parameters stay float32, and so do their gradients, all statistics, softmaxes
  and losses, and convolutions that are `exact`. In float32 nothing changes.

  Args:
    precision: of the convolutions.
    but: the names of networks, in the whole network, that stay float32.
  """
  if precision == 'float32':
    yield
    return

  def convolve_rounded(plain, conv, x, beside, kernel):
    stays = conv.exact or not set(but).isdisjoint(conv.path[:1])
    dtype = kernel.dtype if stays else jnp.dtype(precision)
    beside = None if beside is None else beside.astype(dtype)
    return plain(x.astype(dtype), beside, kernel.astype(dtype))

  with replace_convolutions(convolve_rounded):
    yield
