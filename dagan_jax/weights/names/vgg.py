"""Names in torchvision's VGG-19 file."""

from typing import Any

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.names.layouts import Tensors, translate

VGG = (('conv_{}/', 'features.{}.'),)

# Convolutions up to relu5_1; the file goes on after it, the loss does not.
USED = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28)


def vgg_variables(tensors: Tensors) -> dict[str, Any]:
  """Variables of a VGG of width 64.

  Raises:
    UsageError: the file is not torchvision's VGG-19.
  """
  names = [f'features.{i}.{leaf}' for i in USED for leaf in ('weight', 'bias')]
  missing = [name for name in names if name not in tensors]
  if missing:
    raise UsageError(
      f"this is not torchvision's VGG-19: it has no tensor {missing[0]!r}"
    )
  variables = translate({name: tensors[name] for name in names}, VGG)
  return {'params': variables['params']}
